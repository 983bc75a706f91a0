"""Binary workbooks (XLSB), read by python-calamine as values without number formats.

Only parsing children import this module. Calamine holds a sheet as one rectangle from its first to
its last cell, so the size of the rectangle is checked first.
"""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ingestion.errors.exceptions import CORRUPT, TOO_LARGE, UnreadableDocument
from ingestion.parsing.elements import Parsed
from ingestion.parsing.office.sanitize import decrypted
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.signatures import OLE
from ingestion.parsing.spreadsheets.cells import Merged, Sheet
from ingestion.parsing.spreadsheets.grid import parsed_sheets
from ingestion.parsing.spreadsheets.number_formats import number
from ingestion.parsing.zip_package import Package

MAX_RECTANGLE_CELLS: Final = 5_000_000
SHEETS: Final = "xl/worksheets/"
# Record types: the head of a row, and cells of every kind ([MS-XLSB], 2.3).
ROW, CELLS = 0, range(1, 12)


def read_xlsb(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a binary workbook: values as numbers, dates as ISO 8601."""
    from python_calamine import CalamineWorkbook

    with path.open("rb") as file:
        source = decrypted(path, password) if file.read(len(OLE)) == OLE else path
    with Package(source) as package:
        for part in package.names:
            if part.startswith(SHEETS) and part.endswith(".bin"):
                _refuse_huge_rectangle(package.read(part), options.max_cells)
    try:
        book: Any = CalamineWorkbook.from_object(source)
        return parsed_sheets(_sheets(book), "", progress, options)
    except BaseException as exc:
        # A Rust panic, which derives from BaseException and cannot be imported.
        if type(exc).__name__ == "PanicException":
            raise UnreadableDocument(CORRUPT) from exc
        raise


def _refuse_huge_rectangle(data: bytes, max_cells: int) -> None:
    """Raise UnreadableDocument if the rectangle around the cells of a sheet is too large."""
    bottom = right = 0
    for record, start, length in _records(data):
        if record == ROW and length >= 4:
            bottom = max(bottom, int.from_bytes(data[start : start + 4], "little"))
        elif record in CELLS and length >= 4:
            right = max(right, int.from_bytes(data[start : start + 4], "little"))
    if (bottom + 1) * (right + 1) > MAX_RECTANGLE_CELLS:
        raise UnreadableDocument(TOO_LARGE, f"cells:{max_cells}")


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The records of a part: type, offset and length."""
    place, end = 0, len(data)
    while place < end:
        kind, place = _varying(data, place, 2)
        length, place = _varying(data, place, 4)
        yield kind, place, length
        place += length


def _varying(data: bytes, place: int, most: int) -> tuple[int, int]:
    """A number of up to `most` bytes with seven bits each, and the offset after it."""
    value = 0
    for shift, byte in enumerate(data[place : place + most]):
        value |= (byte & 0x7F) << 7 * shift
        place += 1
        if not byte & 0x80:
            break
    return value, place


def _sheets(book: Any) -> Iterator[Sheet]:
    for entry in book.sheets_metadata:
        sheet = book.get_sheet_by_name(entry.name)
        ranges = sheet.merged_cell_ranges or []
        merged = [
            Merged(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges
        ]
        is_hidden = not str(entry.visible).endswith(".Visible")
        texts = (map(_text, values) for values in sheet.to_python(skip_empty_area=False))
        rows = ({column: text for column, text in enumerate(row) if text} for row in texts)
        yield Sheet(
            entry.name,
            is_hidden,
            ((row, cells) for row, cells in enumerate(rows, start=1) if cells),
            merged,
        )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds").removesuffix(":00").removesuffix(" 00:00")
    if isinstance(value, datetime.time):
        return value.isoformat("seconds")
    return str(value)  # Days as ISO 8601, elapsed time as 1:30:00.
