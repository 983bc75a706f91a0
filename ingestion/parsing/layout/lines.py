"""A line on a page and a page of lines: readers of PDF and of pictures make them, the rest here uses them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from ingestion.parsing.parsed import Box

HYPHEN = "\ufffe"  # PDFium's sign for a hyphen that ended a line.
SAME_ROW = 0.45
ALIKE = 0.2
EXACT = 4


@dataclass(slots=True)
class Line:
    """One line: its text and where it stands, in points from the bottom left of the upright page."""

    text: str
    left: float
    right: float
    middle: float  # Where it stands on the page, from below.
    size: float  # Its height, which grows with its type.
    bold: bool
    level: int = 0  # Of a heading, from 1; 0 is none.
    part: int = 0  # Lines that were one line with gaps in it bear the same number; 0 for those that stood alone.
    cells: list[list[str]] | None = None  # Of a whole table, which this line then stands for.

    def in_row_with(self, other: "Line") -> bool:
        """Whether both stand side by side."""
        if self.cells or other.cells:
            return False
        larger = self.size if self.size > other.size else other.size
        return -SAME_ROW * larger < self.middle - other.middle < SAME_ROW * larger

    def is_like(self, other: "Line") -> bool:
        """Whether both are of about the same size."""
        return abs(self.size - other.size) <= ALIKE * max(self.size, other.size)


@dataclass(slots=True)
class Page:
    """The lines of a page in the order in which they were found, and its size in points.

    `seen` says that they were seen in a picture. Lines stand as on the page after `turns` quarter turns against the
    clock, which make it upright where it is not shown so; the size is that of the page then.
    """

    lines: list[Line] = field(default_factory=list)
    width: float = 595.0
    height: float = 842.0
    seen: bool = False
    turns: int = 0
    inside: list["Page"] = field(default_factory=list)  # What is written in its pictures, with places on this page.

    def box(self, lines: Sequence[Line]) -> Box | None:
        """Return where `lines` stand on the page as it is shown."""
        if not lines or self.width <= 0 or self.height <= 0:
            return None
        left, right = min([line.left for line in lines]), max([line.right for line in lines])
        top = max([line.middle + line.size / 2 for line in lines])
        bottom = min([line.middle - line.size / 2 for line in lines])
        width, height = self.width, self.height
        box = Box(_share(left / width), _share(1 - top / height), _share(right / width), _share(1 - bottom / height))
        return _turned_back(box, self.turns) if self.turns else box


def _share(side: float) -> float:
    return 0.0 if side <= 0 else 1.0 if side >= 1 else round(side, EXACT)


def _turned_back(box: Box, turns: int) -> Box:
    """Return where `box` of the upright page is on the page as it was before so many turns against the clock."""
    for _turn in range(turns % 4):
        box = Box(_share(1 - box.bottom), box.left, _share(1 - box.top), box.right)
    return box


def rows_of(lines: Iterable[Line]) -> list[list[Line]]:
    """Return the lines by the rows in which they stand, from above."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=attrgetter("middle"), reverse=True):
        if rows and rows[-1][0].in_row_with(line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows
