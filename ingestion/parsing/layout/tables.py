"""Tables by how their cells line up: rows of several pieces with gaps between them, one below the other.

Made only where it can be told: what is taken for a table and is none loses its sentences, and a table that is not seen
is still read row by row.
"""

import re
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from statistics import median

from ingestion.parsing.layout.lines import Line, Page, rows_of
from ingestion.parsing.text.cleaning import BULLET
from ingestion.parsing.text.line_joining import joined

FEWEST_ROWS = 3
MOST_LINES = 3_000
NEXT_ROW = 3.2  # In line heights: rows further apart are not of one table.
NEXT_LINE = 1.6
WORDS_IN_A_CELL = 7
CHARACTERS_IN_A_CELL = 28  # Where words have no spaces between them.
FILLED = 0.45
ALMOST_FULL = 0.6
BY_NUMBERS = 0.5
PROSE = 0.6
MOST_COLUMNS = 30
NUMBER = re.compile(r"\d|^[-–—✓✗×•]$")
ITEM = re.compile(r"(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|\[\d+\]|[①-⑳])$")

Row = list[Line]
Span = tuple[float, float]


def put_tables_together(page: Page, *, prose: Container[int] = ()) -> None:
    """Put one line with `cells` in the place of the lines that make up a table, for each table of `page`.

    The lines whose identities are in `prose` run on below one another, which rows of a table do not.
    """
    if len(page.lines) > MOST_LINES:
        return
    for rows in _runs(_rows([line for line in page.lines if not line.level])):
        columns = _columns(rows)
        if _is_table(rows, columns) and not _is_prose(rows, prose):
            _replace(page, rows, columns)


def _rows(lines: Sequence[Line]) -> list[Row]:
    """Return the lines by rows from above, each from the left; without headings, which no table holds."""
    return [sorted(row, key=lambda line: line.left) if len(row) > 1 else row for row in rows_of(lines)]


def _runs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the rows that may make up a table: close to one another, of several pieces, or going on with one."""
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
        return step < NEXT_ROW * size
    # A single piece belongs to the cell above it, if it stands in one column and close.
    return step < NEXT_LINE * size and len(run[-1]) > 0 and _is_below_one(row[0], run)


def _is_below_one(line: Line, run: Sequence[Row]) -> bool:
    wide = next(row for row in reversed(run) if len(row) > 1)
    touched = [cell for cell in wide if cell.left < line.right and line.left < cell.right]
    return len(touched) <= 1


def _trimmed(run: list[Row]) -> Iterator[list[Row]]:
    while run and len(run[-1]) == 1:
        run = run[:-1]
    if sum(len(row) > 1 for row in run) >= FEWEST_ROWS:
        yield run


def _columns(rows: Sequence[Row]) -> list[Span]:
    """Return the spans that the pieces of the fullest rows cover together, from the left.

    The others may have pieces that go across: headings over several columns.
    """
    fullest = ALMOST_FULL * max(map(len, rows))
    spans = sorted((line.left, line.right) for row in rows if len(row) >= fullest for line in row)
    columns: list[Span] = []
    for left, right in spans:
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _is_table(rows: Sequence[Row], columns: Sequence[Span]) -> bool:
    if not 2 <= len(columns) <= MOST_COLUMNS:
        return False
    full = [row for row in rows if len(row) > 1]
    cells = [line for row in full for line in row]
    if len(cells) < FILLED * len(full) * len(columns) or _are_items(full):
        return False
    if max(len(row) for row in full) < len(columns):
        return False
    if median(len(line.text.split()) for line in cells) > WORDS_IN_A_CELL:
        return False
    if median(len(line.text) for line in cells) > (CHARACTERS_IN_A_CELL if len(columns) == 2 else 60):
        return False
    return len(columns) > 2 or _has_numbers(full)


def _is_prose(rows: Sequence[Row], prose: Container[int]) -> bool:
    """Whether most lines of `rows` are known to be prose."""
    known = [id(line) in prose for row in rows for line in row]
    return sum(known) > PROSE * len(known)


def _are_items(rows: Sequence[Row]) -> bool:
    """Whether this is a list whose bullets or numbers stand apart."""
    starts = [row[0].text.strip() for row in rows]
    return sum(bool(ITEM.match(text) or BULLET.fullmatch(text)) for text in starts) > len(starts) / 2


def _has_numbers(rows: Sequence[Row]) -> bool:
    """Whether the last column is one of figures, which two columns of words are not."""
    return sum(bool(NUMBER.search(row[-1].text)) for row in rows) >= BY_NUMBERS * len(rows)


def _replace(page: Page, rows: Sequence[Row], columns: Sequence[Span]) -> None:
    lines = [line for row in rows for line in row]
    taken = {id(line) for line in lines}
    top = max(line.middle + line.size / 2 for line in lines)
    bottom = min(line.middle - line.size / 2 for line in lines)
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    whole = Line("", left, right, (top + bottom) / 2, top - bottom, bold=False, cells=_cells(rows, columns))
    first = next(position for position, line in enumerate(page.lines) if id(line) in taken)
    before = page.lines[:first]
    page.lines = [*before, whole, *(line for line in page.lines[first:] if id(line) not in taken)]


def _cells(rows: Sequence[Row], columns: Sequence[Span]) -> list[list[str]]:
    cells: list[list[str]] = []
    for row in rows:
        if len(row) > 1 or not cells:
            cells.append([""] * len(columns))
        for line in row:
            column = _column_of(line, columns)
            cells[-1][column] = joined(cells[-1][column], line.text)
    return cells


def _column_of(line: Line, columns: Sequence[Span]) -> int:
    middle = (line.left + line.right) / 2
    edges = [(one[1] + other[0]) / 2 for one, other in pairwise(columns)]
    return sum(middle > edge for edge in edges)
