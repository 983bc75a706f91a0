"""Tables as Markdown, from rows of cells or from HTML, so that splitting keeps the header.

A table of any length is one element; splitting cuts it between rows and repeats its header.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ingestion.parsing.elements import Element, FigureCaption, NarrativeText, Table, make_element
from ingestion.parsing.text.characters import one_line

Row = Sequence[str]

MAX_TABLE_COLUMNS = 1_000
MAX_SPAN_CELLS = 100
MAX_REPEATED_CHARACTERS = 80
# The cells that the spans of one table may add: per written cell, and at least in total.
SPANNED_CELLS_PER_CELL = 4
MIN_SPANNED_CELLS = 1_000


def table_elements(rows: Iterable[Row], page: int | None = None) -> Iterator[Element]:
    """The elements of a table: its first row is the header, single cells above are captions."""
    full = (row for row in map(_trimmed, rows) if any(row))
    above: list[list[str]] = []  # The first rows, up to and including one with more than one cell.
    for row in full:
        above.append(row)
        if len(_filled(row)) > 1:
            break
    if above and len(_filled(above[-1])) > 1:
        header = above.pop()
        yield from (make_element(FigureCaption, _filled(row)[0], page) for row in above)
        yield _with_header(header, full, page)
    elif above:
        yield _with_header(above[0], iter(above[1:]), page)


def _filled(row: Row) -> list[str]:
    return [cell for cell in row if cell]


def _with_header(header: Row, rows: Iterable[Row], page: int | None) -> Element:
    text = markdown(header, rows)
    # A table of one row is a line of text; its empty cells keep the columns.
    if text.count("\n") < 2:
        return make_element(NarrativeText, " | ".join(header), page)
    return make_element(Table, text, page)


def _trimmed(row: Row) -> list[str]:
    cells = [" ".join(cell.split()) for cell in row[:MAX_TABLE_COLUMNS]]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def markdown(header: Row, rows: Iterable[Row]) -> str:
    """The table in Markdown, ragged rows filled up."""
    lines, widths = [_line(header)], [len(header)]
    for row in rows:  # Rows become lines at once: a table may have a million cells.
        lines.append(_line(row))
        widths.append(len(row))
    width = max(*widths, 1)
    lines = [line + " |" * (width - cells) for line, cells in zip(lines, widths, strict=True)]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def _line(row: Row) -> str:
    cells = (cell.replace("|", "\\|") if "|" in cell else cell for cell in row)
    return "|" + "".join([f" {cell} |" if cell else " |" for cell in cells])


def without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """The rows without the columns in which no row has anything."""
    width = max(map(len, rows), default=0)
    used = [
        column
        for column in range(width)
        if any(column < len(row) and row[column].strip() for row in rows)
    ]
    return [[row[column] if column < len(row) else "" for column in used] for row in rows]


def one_header(rows: Sequence[Row]) -> list[str]:
    """The rows of a header joined to one; equal texts above each other come once."""
    width = max(map(len, rows))
    columns = [
        [row[column] for row in rows if column < len(row) and row[column]]
        for column in range(width)
    ]
    return [" ".join(dict.fromkeys(column)) for column in columns]


def html_rows(table: Any) -> list[list[str]]:
    """The rows of a parsed HTML `table`, its header joined; merged cells are repeated.

    Spans that would add more cells than `SPANNED_CELLS_PER_CELL` allows count as one from there on.
    """
    rows = _filled_rows(table)
    sizes: list[int] = []  # The number of cells in each row of the header.
    for tr in table.iter("tr"):
        cells = list(tr.iterchildren("td", "th"))
        if tr.getparent().tag != "thead" and not (
            cells and all(cell.tag == "th" for cell in cells)
        ):
            break
        sizes.append(len(cells))
    title_rows = next((number for number, size in enumerate(sizes) if size > 1), 0)
    if len(sizes) == len(rows) or len(sizes) < 2:
        return rows
    titles = [row[:1] for row in rows[:title_rows]]
    return [*titles, one_header(rows[title_rows : len(sizes)]), *rows[len(sizes) :]]


def _filled_rows(table: Any) -> list[list[str]]:
    rows: list[list[str]] = []
    pending: dict[
        int, tuple[int, str]
    ] = {}  # Column → rows still covered by a cell from above, and its text.
    spare = max(
        MIN_SPANNED_CELLS, SPANNED_CELLS_PER_CELL * sum(1 for _cell in table.iter("td", "th"))
    )
    for tr in table.iter("tr"):
        cells: list[str] = []
        for cell in tr.iterchildren("td", "th"):
            spare -= _cover(cells, pending, spare)
            across, down = min(_span(cell, "colspan"), spare + 1), _span(cell, "rowspan")
            text = one_line("".join(cell.itertext()))
            again = text if len(text) <= MAX_REPEATED_CHARACTERS else ""
            if down > 1:
                pending.update(
                    dict.fromkeys(range(len(cells), len(cells) + across), (down - 1, again))
                )
            cells.extend([text, *[again] * (across - 1)])
            spare -= across - 1
        spare -= _cover(cells, pending, spare)
        rows.append(cells)
    return rows


def _cover(cells: list[str], pending: dict[int, tuple[int, str]], most: int) -> int:
    """Add up to `most` cells from above that cover the next places; return their number."""
    added = 0
    while added < most and (covered := pending.pop(len(cells), None)) is not None:
        left, text = covered
        if left > 1:
            pending[len(cells)] = (left - 1, text)
        cells.append(text)
        added += 1
    return added


def _span(cell: Any, name: str) -> int:
    value = str(cell.get(name) or "").strip()
    # Python refuses to convert numbers of thousands of digits.
    return min(max(int(value[:9]), 1), MAX_SPAN_CELLS) if value.isascii() and value.isdigit() else 1
