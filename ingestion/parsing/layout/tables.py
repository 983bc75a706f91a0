"""Tables by the alignment of their cells: consecutive rows of pieces with gaps between.

In doubt lines are no table: sentences taken for a table are lost, while a missed table is still
read row by row.
"""

import re
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from statistics import median

from ingestion.parsing.layout.lines import Line, Page, rows_of
from ingestion.parsing.text.cleaning import BULLET
from ingestion.parsing.text.line_joining import joined

MIN_ROWS = 3
MAX_LINES = 3_000
NEXT_ROW_HEIGHTS = 3.2  # In line heights; rows further apart belong to different tables.
NEXT_LINE_HEIGHTS = 1.6
MAX_CELL_WORDS = 7
MAX_CELL_CHARACTERS = 28  # In scripts without spaces between words.
MIN_FILLED_SHARE = 0.45
FULL_ROW_SHARE = 0.6
MIN_NUMBER_SHARE = 0.5
MAX_PROSE_SHARE = 0.6
MAX_COLUMNS = 30
NUMBER = re.compile(r"\d|^[-–—✓✗×•]$")
ITEM = re.compile(r"(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|\[\d+\]|[①-⑳])$")

Row = list[Line]
Span = tuple[float, float]


def put_tables_together(page: Page, *, prose: Container[int] = ()) -> None:
    """Replace the lines of each table of `page` by one line with `cells`.

    Lines whose ids are in `prose` are running text and not rows of a table.
    """
    if len(page.lines) > MAX_LINES:
        return
    lines = [line for line in page.lines if not line.level]  # No table holds headings.
    for rows in _runs(
        [sorted(row, key=attrgetter("left")) if len(row) > 1 else row for row in rows_of(lines)]
    ):
        columns = _columns(rows)
        known = [id(line) in prose for row in rows for line in row]
        if _is_table(rows, columns) and sum(known) <= MAX_PROSE_SHARE * len(known):
            _replace(page, rows, columns)


def _runs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield runs of rows that may form a table: close rows of several pieces or continuations."""
    run: list[Row] = []
    for row in rows:
        if run and _goes_on(run, row):
            run.append(row)
            continue
        yield from _trimmed(run)
        run = [row] if len(row) > 1 else []
    yield from _trimmed(run)


def _goes_on(run: Sequence[Row], row: Row) -> bool:
    step = run[-1][0].middle - row[0].middle
    size = max(run[-1][0].size, row[0].size)
    if len(row) > 1:
        return step < NEXT_ROW_HEIGHTS * size
    if step >= NEXT_LINE_HEIGHTS * size or not run[-1]:
        return False
    # A single piece close below one column belongs to the cell above.
    wide = next(row for row in reversed(run) if len(row) > 1)
    return sum(cell.left < row[0].right and row[0].left < cell.right for cell in wide) <= 1


def _trimmed(run: list[Row]) -> Iterator[list[Row]]:
    while run and len(run[-1]) == 1:
        run = run[:-1]
    if sum(len(row) > 1 for row in run) >= MIN_ROWS:
        yield run


def _columns(rows: Sequence[Row]) -> list[Span]:
    """Return the spans that the pieces of the fullest rows cover together, from the left.

    Other rows may have pieces over several columns, such as headings.
    """
    fullest = FULL_ROW_SHARE * max(map(len, rows))
    spans = sorted((line.left, line.right) for row in rows if len(row) >= fullest for line in row)
    columns: list[Span] = []
    for left, right in spans:
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _is_table(rows: Sequence[Row], columns: Sequence[Span]) -> bool:
    if not 2 <= len(columns) <= MAX_COLUMNS:
        return False
    full = [row for row in rows if len(row) > 1]
    cells = [line for row in full for line in row]
    if len(cells) < MIN_FILLED_SHARE * len(full) * len(columns):
        return False
    starts = [row[0].text.strip() for row in full]
    if sum(bool(ITEM.match(text) or BULLET.fullmatch(text)) for text in starts) > len(starts) / 2:
        return False  # A list whose bullets or numbers stand apart.
    if max(len(row) for row in full) < len(columns):
        return False
    if median(len(line.text.split()) for line in cells) > MAX_CELL_WORDS:
        return False
    if median(len(line.text) for line in cells) > (
        MAX_CELL_CHARACTERS if len(columns) == 2 else 60
    ):
        return False
    # Two columns of words are no table: the last column must hold numbers.
    return len(columns) > 2 or sum(
        bool(NUMBER.search(row[-1].text)) for row in full
    ) >= MIN_NUMBER_SHARE * len(full)


def _replace(page: Page, rows: Sequence[Row], columns: Sequence[Span]) -> None:
    lines = [line for row in rows for line in row]
    taken = {id(line) for line in lines}
    top = max(line.middle + line.size / 2 for line in lines)
    bottom = min(line.middle - line.size / 2 for line in lines)
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    whole = Line(
        "", left, right, (top + bottom) / 2, top - bottom, bold=False, cells=_cells(rows, columns)
    )
    first = next(position for position, line in enumerate(page.lines) if id(line) in taken)
    before = page.lines[:first]
    page.lines = [*before, whole, *(line for line in page.lines[first:] if id(line) not in taken)]


def _cells(rows: Sequence[Row], columns: Sequence[Span]) -> list[list[str]]:
    cells: list[list[str]] = []
    edges = [(one[1] + other[0]) / 2 for one, other in pairwise(columns)]
    for row in rows:
        if len(row) > 1 or not cells:
            cells.append([""] * len(columns))
        for line in row:
            column = sum((line.left + line.right) / 2 > edge for edge in edges)
            cells[-1][column] = joined(cells[-1][column], line.text)
    return cells
