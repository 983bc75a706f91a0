"""Spreadsheets (XLSX), read with openpyxl: each sheet a heading, each block of cells a table with its header.

Not through `unstructured`, which reads them with pandas: a column of numbers with a gap turns into floats, so that
part number 1234567890123 becomes 1.234568e+12, and it takes 2.9 s and 170 MB to load where this takes 0.5 s and 33.
"""

import datetime
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ingestion.parsing.cleaning import clean_elements, sensible_title
from ingestion.parsing.elements import Element, Kind, Parsed, Progress
from ingestion.parsing.officepackages import core_title, open_office
from ingestion.parsing.options import Options
from ingestion.parsing.tables import WIDEST, table_elements, without_empty_columns

MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
MOST_MERGED_ROWS = 1_000


def read_xlsx(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A workbook: what its cells show, formulas by their last result."""
    import openpyxl

    package = open_office(path, password)
    workbook = openpyxl.load_workbook(package.as_file(), read_only=True, data_only=True, keep_links=False)
    elements: list[Element] = []
    for done, sheet in enumerate(workbook.worksheets, start=1):
        covered = _covered_cells(package.parts.get(sheet._worksheet_path.lstrip("/"), b""))
        found = clean_elements(_sheet_elements(sheet, covered))
        if found:
            elements.append(Element(Kind.HEADING, sheet.title, level=1))
            elements.extend(found)
        progress(done / len(workbook.worksheets))
    return Parsed(tuple(elements), sensible_title(core_title(package)))


def _covered_cells(part: bytes) -> dict[tuple[int, int], tuple[int, int]]:
    """For each cell under the top one of a merged range, in its first column, which cell has its text."""
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    for letters, first, last in MERGED.findall(part):
        column, top = _column(letters), int(first)
        for row in range(top + 1, min(int(last), top + MOST_MERGED_ROWS) + 1):
            covered[row, column] = (top, column)
    return covered


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _sheet_elements(sheet: Any, covered: dict[tuple[int, int], tuple[int, int]]) -> Iterator[Element]:
    sheet.reset_dimensions()  # What the file says of its size may be wrong, or a trap.
    header: list[str] = []
    for block in _blocks(_rows(sheet, covered)):
        first = _header_of(block)
        if not first:
            yield from (Element(Kind.PARAGRAPH, " ".join(row).strip()) for row in block)
            continue
        if header and first is block[0] and _continues(header, first):
            block.insert(0, header)
        else:
            header = first
        yield from table_elements(without_empty_columns(block))


def _rows(sheet: Any, covered: dict[tuple[int, int], tuple[int, int]]) -> Iterator[list[str]]:
    tops = set(covered.values())
    texts: dict[tuple[int, int], str] = {}
    for row, found in enumerate(sheet.iter_rows(max_col=WIDEST), start=1):
        cells = [shown(cell.value, cell.number_format or "") if cell.value is not None else "" for cell in found]
        for column, text in enumerate(cells):
            if (row, column) in tops:
                texts[row, column] = text
            elif not text and (row, column) in covered:
                cells[column] = texts.get(covered[row, column], "")
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _blocks(rows: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    """The rows between empty ones."""
    block: list[list[str]] = []
    for row in rows:
        if row:
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _header_of(block: list[list[str]]) -> list[str]:
    """The first row with more than one cell, [] if there is none."""
    return next((row for row in block if sum(map(bool, row)) > 1), [])


def _continues(header: list[str], row: list[str]) -> bool:
    """Whether a row after a gap is more of the table above: as wide, with numbers where the header has words."""
    if len(row) > len(header):
        return False
    return any(_is_number(cell) and name and not _is_number(name) for name, cell in zip(header, row, strict=False))


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).lstrip("-").removesuffix("%").isdecimal()


def shown(value: Any, number_format: str) -> str:
    """A cell's value as its sheet shows it, near enough to be found and read."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime.datetime():
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "minutes")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case int() | float() if number_format.rstrip().endswith("%"):
            return f"{number(value * 100)}%"
        case int() | float():
            return number(value)
    return str(value)


def number(value: float) -> str:
    """A number without the noise of binary fractions and without an exponent where it can be avoided."""
    if isinstance(value, float) and not value.is_integer():
        return format(round(value, 10), ".12g")
    return str(int(value)) if abs(value) < 1e21 else repr(value)
