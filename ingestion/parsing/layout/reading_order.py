"""The order in which the lines of a page are read, where the file does not tell: columns one after the other.

A file tells its lines in an order, which is right but where it goes across columns; a picture tells none.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ingestion.parsing.layout.lines import Line, Page, rows_of

FEWEST_ROWS = 4
BESIDE = 0.5  # Of the rows of the shorter column so many must have something beside them.
DEEPEST = 6
NARROWEST = 12  # Characters: columns of less on average are no prose.
MOST_LINES = 1_500
STEP = 4  # Points: lines that begin nearer to one another begin at the same place.


class Columns(NamedTuple):
    """Two columns: lines of the page from `first` up to `last`, from above, that lie left or right of `gap`."""

    gap: float
    first: int
    last: int


def in_reading_order(page: Page) -> list[Line]:
    """Return the lines of `page` as one reads them."""
    told = not page.seen and not page.turns  # Of a page that has to be turned, PDFium mistakes the order.
    if len(page.lines) > MOST_LINES or (told and not _goes_across_columns(page.lines)):
        return page.lines
    return _by_columns(page.lines, 0)


def _goes_across_columns(lines: Sequence[Line]) -> bool:
    """Whether the file tells lines right across columns, which shows in the gaps within them."""
    parts = [line for line in lines if line.part]
    return len(parts) >= 2 * FEWEST_ROWS and _columns(sorted(parts, key=_from_above)) is not None


def _from_above(line: Line) -> float:
    return -line.middle


def _by_columns(lines: Sequence[Line], depth: int) -> list[Line]:
    lines = sorted(lines, key=_from_above)
    columns = _columns(lines) if depth < DEEPEST else None
    if columns is None:
        return _by_rows(lines)
    both = lines[columns.first : columns.last]
    parts = (
        lines[: columns.first],
        [line for line in both if line.right <= columns.gap],
        [line for line in both if line.left >= columns.gap],
        lines[columns.last :],
    )
    return [line for part in parts for line in _by_columns(part, depth + 1)]


def _columns(lines: Sequence[Line]) -> Columns | None:
    """Return the two columns of prose that hold the most lines, or None if there are none."""
    found, most = None, 2 * FEWEST_ROWS - 1
    for left in sorted({int(line.left) // STEP * STEP for line in lines})[1:]:
        gap = left - 0.6
        first = 0
        for last in range(len(lines) + 1):
            if last < len(lines) and not lines[last].left < gap < lines[last].right:
                continue
            if last - first > most and _are_columns(lines[first:last], gap):
                found, most = Columns(gap, first, last), last - first
            first = last + 1
    return found


def _are_columns(lines: Sequence[Line], gap: float) -> bool:
    left = [line for line in lines if line.right <= gap]
    right = [line for line in lines if line.left >= gap]
    fewer, more = sorted((left, right), key=len)
    if len(fewer) < FEWEST_ROWS or min(_mean_length(left), _mean_length(right)) < NARROWEST:
        return False
    low, high = min(line.middle for line in more), max(line.middle for line in more)
    return sum(low <= line.middle <= high for line in fewer) >= BESIDE * len(fewer)


def _mean_length(lines: Sequence[Line]) -> float:
    return sum(len(line.text) for line in lines) / len(lines)


def _by_rows(lines: Sequence[Line]) -> list[Line]:
    """Return the lines from above, those side by side from the left."""
    return [line for row in rows_of(lines) for line in sorted(row, key=lambda line: line.left)]
