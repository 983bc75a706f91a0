"""OpenDocument spreadsheets (ODS); each cell has the shown text, which the file contains."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.parsing.elements import Element, NarrativeText, Parsed, make_element
from ingestion.parsing.opendocument.package import (
    DRAW,
    OFFICE,
    STYLE,
    TABLE,
    TEXT,
    cell_words,
    open_document,
    repeated,
    words,
)
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.spreadsheets.cells import Cells, Merged, Sheet, letters_of
from ingestion.parsing.spreadsheets.grid import parsed_sheets

MAX_REPETITIONS = 100  # A text that is repeated more often fills a whole column.
MAX_MERGED_AREAS = 100_000
GROUPS = {f"{TABLE}{name}" for name in ("table-row-group", "table-header-rows", "table-rows")}
CELLS = {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}
AREA = (f"{TABLE}number-rows-spanned", f"{TABLE}number-columns-spanned")


def read_ods(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read an OpenDocument spreadsheet."""
    content, body, title, _styles = open_document(path, "spreadsheet")
    hidden = {
        style.get(f"{STYLE}name") or ""
        for style in content.iter(f"{STYLE}style")
        if any(
            node.get(f"{TABLE}display") == "false"
            for node in style.iterchildren(f"{STYLE}table-properties")
        )
    }
    return parsed_sheets(
        (_sheet(table, hidden) for table in body.iterchildren(f"{TABLE}table")),
        title,
        progress,
        options,
    )


def _sheet(table: Any, hidden: set[str]) -> Sheet:
    name = table.get(f"{TABLE}name") or ""
    rows = list(_rows(table))
    return Sheet(
        name,
        table.get(f"{TABLE}style-name") in hidden,
        ((number, cells) for number, row in rows if (cells := _cells(row))),
        [span for number, row in rows for span in _spans(number, row)][:MAX_MERGED_AREAS],
        lambda: _comments_and_boxes(table, rows),
    )


def _rows(table: Any) -> Iterator[tuple[int, Any]]:
    """The rows that are not empty, with their numbers."""
    number = 1
    for row in _each_row(table):
        times = repeated(row, "rows")
        if row.find(f".//{TEXT}p") is not None:
            yield from ((number + again, row) for again in range(min(times, MAX_REPETITIONS)))
        number += times


def _each_row(node: Any) -> Iterator[Any]:
    for child in node:
        if child.tag == f"{TABLE}table-row":
            yield child
        elif child.tag in GROUPS:
            yield from _each_row(child)


def _cells(row: Any) -> Cells:
    cells: Cells = {}
    column = 0
    for cell in row:
        if cell.tag not in CELLS:
            continue
        times = repeated(cell, "columns")
        if text := _shown(cell):
            cells.update(dict.fromkeys(range(column, column + min(times, MAX_REPETITIONS)), text))
        column += times
    return cells


def _shown(cell: Any) -> str:
    """A date as ISO 8601, as in other spreadsheets; other values as the file writes them."""
    if (
        len(cell)
        and cell.get(f"{OFFICE}value-type") == "date"
        and (value := cell.get(f"{OFFICE}date-value"))
    ):
        return str(value).replace("T00:00:00", "").replace("T", " ")
    if cell.find(f"{OFFICE}annotation") is None:
        return cell_words(cell)
    return " ".join(words(block).strip() for block in cell.iterchildren(f"{TEXT}p"))


def _spans(number: int, row: Any) -> Iterator[Merged]:
    column = 0
    for cell in row:
        if cell.tag in CELLS:
            values = [cell.get(name) or "" for name in AREA]
            down, across = (
                int(value) if value.isdecimal() and len(value) < 7 else 1 for value in values
            )
            if down > 1 or across > 1:
                yield Merged(number, column, number + down - 1, column + across - 1)
            column += repeated(cell, "columns")


def _comments_and_boxes(table: Any, rows: list[tuple[int, Any]]) -> Iterator[Element]:
    """Comments, then text boxes."""
    for number, row in rows:
        column = 0
        for cell in row:
            for note in cell.iterchildren(f"{OFFICE}annotation"):
                text = cell_words(note)
                yield make_element(
                    NarrativeText, f"{letters_of(column)}{number}: {text}" if text else ""
                )
            column += repeated(cell, "columns") if cell.tag in CELLS else 0
    for box in table.iter(f"{DRAW}text-box"):
        yield make_element(
            NarrativeText, "\n".join(words(block) for block in box.iter(f"{TEXT}p", f"{TEXT}h"))
        )
