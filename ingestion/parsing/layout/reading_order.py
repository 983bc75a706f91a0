"""The reading order of the lines of a page: columns one after the other.

The order of the lines in a file is right unless it goes across columns; a picture has no order.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ingestion.parsing.layout.lines import Line, Page, rows_of

MIN_ROWS = 4
MIN_SHARE_BESIDE = 0.5  # Share of the rows of the shorter column that must have lines beside them.
MAX_DEPTH = 6
MIN_MEAN_CHARACTERS = 12  # Characters per line: columns with fewer are no prose.
MAX_LINES = 1_500
STEP_POINTS = 4  # Points: lines that begin nearer to one another begin at the same place.


class Columns(NamedTuple):
    """Two columns: the lines from `first` up to `last`, from the top, left and right of `gap`."""

    gap: float
    first: int
    last: int


def in_reading_order(page: Page) -> list[Line]:
    """Return the lines of `page` in reading order."""
    if len(page.lines) > MAX_LINES:
        return page.lines
    # PDFium gives a wrong order for pages that have to be turned.
    if not page.seen and not page.turns:
        # Gaps within lines show that the file stores rows across columns.
        parts = [line for line in page.lines if line.part]
        if len(parts) < 2 * MIN_ROWS or _columns(sorted(parts, key=_from_above)) is None:
            return page.lines
    return _by_columns(page.lines, 0)


def _from_above(line: Line) -> float:
    return -line.middle


def _by_columns(lines: Sequence[Line], depth: int) -> list[Line]:
    lines = sorted(lines, key=_from_above)
    columns = _columns(lines) if depth < MAX_DEPTH else None
    if columns is None:
        return [line for row in rows_of(lines) for line in sorted(row, key=lambda line: line.left)]
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
    found, most = None, 2 * MIN_ROWS - 1
    for left in sorted({int(line.left) // STEP_POINTS * STEP_POINTS for line in lines})[1:]:
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
    if len(fewer) < MIN_ROWS or min(_mean_length(left), _mean_length(right)) < MIN_MEAN_CHARACTERS:
        return False
    low, high = min(line.middle for line in more), max(line.middle for line in more)
    return sum(low <= line.middle <= high for line in fewer) >= MIN_SHARE_BESIDE * len(fewer)


def _mean_length(lines: Sequence[Line]) -> float:
    return sum(len(line.text) for line in lines) / len(lines)
