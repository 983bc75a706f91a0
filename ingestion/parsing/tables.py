"""Tables as Markdown, so that every row keeps its header: from rows of cells, or from a table in HTML.

A table too long for one element becomes several, each with the header on top.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ingestion.parsing.cleaning import one_line
from ingestion.parsing.elements import Element, Kind

Row = Sequence[str]

ROWS_PER_ELEMENT = 200
CHARACTERS_PER_ELEMENT = 20_000
WIDEST = 1_000
LONGEST_SPAN = 100
LONGEST_REPEATED = 80


def table_elements(rows: Iterable[Row], page: int | None = None) -> Iterator[Element]:
    """Elements for a table whose first row is its header; lines of one cell above it are its captions."""
    full = (row for row in map(_trimmed, rows) if any(row))
    above = list(_up_to_table(full))
    if above and len(_filled(above[-1])) > 1:
        header = above.pop()
        yield from (Element(Kind.CAPTION, _filled(row)[0], page) for row in above)
        yield from _with_header(header, full, page)
    elif above:
        yield from _with_header(above[0], iter(above[1:]), page)


def _up_to_table(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """The first rows up to and including the first one with more than one cell."""
    for row in rows:
        yield row
        if len(_filled(row)) > 1:
            return


def _filled(row: Row) -> list[str]:
    return [cell for cell in row if cell]


def _with_header(header: Row, rows: Iterator[list[str]], page: int | None) -> Iterator[Element]:
    several = False
    for batch in _batches(rows):
        several = True
        yield Element(Kind.TABLE, markdown(header, batch), page)
    if not several:  # A table of one row is a line of text, however it was drawn.
        yield Element(Kind.PARAGRAPH, " | ".join(_filled(header)), page)


def _trimmed(row: Row) -> list[str]:
    cells = [" ".join(cell.split()) for cell in row[:WIDEST]]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _batches(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    batch: list[list[str]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(map(len, row))
        if len(batch) >= ROWS_PER_ELEMENT or size >= CHARACTERS_PER_ELEMENT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def markdown(header: Row, rows: Sequence[Row]) -> str:
    """The table in Markdown, ragged rows filled up."""
    width = max(len(header), *(len(row) for row in rows), 1)
    lines = [_line(header, width), "|" + " --- |" * width, *(_line(row, width) for row in rows)]
    return "\n".join(lines)


def _line(row: Row, width: int) -> str:
    cells = [cell.replace("|", "\\|") for cell in row]
    cells.extend([""] * (width - len(cells)))
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """The rows without the columns in which no row has anything."""
    width = max(map(len, rows), default=0)
    used = [column for column in range(width) if any(column < len(row) and row[column].strip() for row in rows)]
    return [[row[column] if column < len(row) else "" for column in used] for row in rows]


def html_rows(table: Any) -> list[list[str]]:
    """The rows of a parsed HTML `table`; a cell that spans several stands in each, so that every row tells all."""
    rows: list[list[str]] = []
    pending: dict[int, tuple[int, str]] = {}  # Column → rows still covered by a cell from above, and its text.
    for tr in table.iter("tr"):
        cells: list[str] = []
        for cell in tr.iterchildren("td", "th"):
            _skip_covered(cells, pending)
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            text = one_line("".join(cell.itertext()))
            again = text if len(text) <= LONGEST_REPEATED else ""
            if down > 1:
                pending.update(dict.fromkeys(range(len(cells), len(cells) + across), (down - 1, again)))
            cells.extend([text, *[again] * (across - 1)])
        _skip_covered(cells, pending)
        rows.append(cells)
    return rows


def _skip_covered(cells: list[str], pending: dict[int, tuple[int, str]]) -> None:
    while (covered := pending.pop(len(cells), None)) is not None:
        left, text = covered
        if left > 1:
            pending[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: Any, name: str) -> int:
    value = str(cell.get(name) or "1").strip()
    return min(int(value), LONGEST_SPAN) if value.isascii() and value.isdigit() and int(value[:9]) > 0 else 1
