"""Lines and pages, as the readers of PDF and of pictures make them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from ingestion.parsing.parsed import Box

HYPHEN = "\ufffe"  # PDFium's character for a hyphen at the end of a line.
SAME_ROW_SHARE = 0.45
SAME_SIZE_SHARE = 0.2
BOX_DIGITS = 4


@dataclass(slots=True)
class Line:
    """One line: its text and its place, in points from the bottom left of the upright page."""

    text: str
    left: float
    right: float
    middle: float  # The height of its middle above the bottom of the page.
    size: float  # Its height, which grows with the font size.
    bold: bool
    level: int = 0  # Of a heading, from 1; 0 is none.
    part: int = 0  # The same number for pieces of one line with gaps, 0 for a whole line.
    cells: list[list[str]] | None = None  # The cells of a table that this line replaces.

    def in_row_with(self, other: "Line") -> bool:
        """Whether both lines are side by side."""
        if self.cells or other.cells:
            return False
        larger = self.size if self.size > other.size else other.size
        return -SAME_ROW_SHARE * larger < self.middle - other.middle < SAME_ROW_SHARE * larger

    def is_like(self, other: "Line") -> bool:
        """Whether both lines are of about the same size."""
        return abs(self.size - other.size) <= SAME_SIZE_SHARE * max(self.size, other.size)


@dataclass(slots=True)
class Page:
    """The lines of a page in the order of the file, and its size in points.

    `seen` is true for lines from text recognition. Places and size are those of the page after
    `turns` quarter turns against the clock, which make the page upright.
    """

    lines: list[Line] = field(default_factory=list)
    width: float = 595.0
    height: float = 842.0
    seen: bool = False
    turns: int = 0
    # Lines in pictures, with places on this page.
    inside: list["Page"] = field(default_factory=list)

    def box(self, lines: Sequence[Line]) -> Box | None:
        """Return the place of `lines` on the page as PDF programs show it."""
        if not lines or self.width <= 0 or self.height <= 0:
            return None
        left, right = min([line.left for line in lines]), max([line.right for line in lines])
        top = max([line.middle + line.size / 2 for line in lines])
        bottom = min([line.middle - line.size / 2 for line in lines])
        width, height = self.width, self.height
        box = Box(
            _share(left / width),
            _share(1 - top / height),
            _share(right / width),
            _share(1 - bottom / height),
        )
        for _turn in range(self.turns % 4):  # Turn the box of the upright page back.
            box = Box(_share(1 - box.bottom), box.left, _share(1 - box.top), box.right)
        return box


def _share(side: float) -> float:
    return 0.0 if side <= 0 else 1.0 if side >= 1 else round(side, BOX_DIGITS)


def rows_of(lines: Iterable[Line]) -> list[list[Line]]:
    """Return the lines by rows, from the top."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=attrgetter("middle"), reverse=True):
        if rows and rows[-1][0].in_row_with(line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows
