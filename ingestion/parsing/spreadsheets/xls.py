"""Workbooks in the format before 2007 (XLS), read with xlrd, each cell as its sheet shows it."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingestion.errors.exceptions import CORRUPT, PASSWORD_NEEDED, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.elements import Parsed
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.spreadsheets.cells import Cells, Merged, Sheet
from ingestion.parsing.spreadsheets.grid import parsed_sheets
from ingestion.parsing.spreadsheets.number_formats import Shown, number, shown_by, text_shown_by

TEXT, NUMBER, DATE, BOOLEAN, ERROR = 1, 2, 3, 4, 5
HIDDEN_VISIBILITIES = (1, 2)


def read_xls(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a workbook in the format before 2007."""
    import xlrd

    data = path.read_bytes()
    if password:
        data = _decrypted(data, password)
    if _has_formats(data):
        _refuse_sector_circle(data)
    try:
        book = xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), formatting_info=_has_formats(data)
        )
    except xlrd.XLRDError as exc:
        if "encrypted" in str(exc).lower():
            raise UnreadableDocument(PASSWORD_NEEDED, "wrong" if password else "") from exc
        raise UnreadableDocument(CORRUPT) from exc
    sheets = (
        Sheet(
            sheet.name,
            sheet.visibility in HIDDEN_VISIBILITIES,
            _rows(book, sheet),
            [
                Merged(top + 1, left, bottom, right - 1)
                for top, bottom, left, right in sheet.merged_cells
            ],
        )
        for sheet in book.sheets()
    )
    return parsed_sheets(sheets, "", progress, options)


def _refuse_sector_circle(data: bytes) -> None:
    """Raise UnreadableDocument if sectors form a circle, which xlrd would follow forever."""
    from xlrd.compdoc import CompDoc

    container = CompDoc(data, logfile=io.StringIO())
    for stream in container.dirlist:
        if (
            stream.name.lower() in ("workbook", "book")
            and stream.tot_size < container.min_size_std_stream
        ):
            seen: set[int] = set()
            piece = stream.first_SID
            while 0 <= piece < len(container.SSAT):
                if piece in seen:
                    raise UnreadableDocument(CORRUPT)
                seen.add(piece)
                piece = container.SSAT[piece]


def _has_formats(data: bytes) -> bool:
    """Whether the file has number formats; workbooks without a container are too old for them."""
    return data.startswith(b"\xd0\xcf\x11\xe0")


def _decrypted(data: bytes, password: str) -> bytes:
    import msoffcrypto

    plain = io.BytesIO()
    try:
        document = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not document.is_encrypted():
            return data
        document.load_key(password=password)
        document.decrypt(plain)
    except msoffcrypto.exceptions.InvalidKeyError as exc:
        raise UnreadableDocument(PASSWORD_NEEDED, "wrong") from exc
    except Exception as exc:  # Any exception of a parser means a broken document.
        raise UnreadableDocument(UNSUPPORTED, "protected") from exc
    return plain.getvalue()


def _rows(book: Any, sheet: Any) -> Iterator[tuple[int, Cells]]:
    codes = {key: found.format_str for key, found in book.format_map.items()}
    styles = [codes.get(style.format_key) or "General" for style in book.xf_list]
    shown = [shown_by(code, since_1904=bool(book.datemode)) for code in styles]
    shown_texts = [text_shown_by(code) for code in styles]
    for row in range(sheet.nrows):
        cells = {}
        for column, cell in enumerate(sheet.row(row)):
            if text := _text(cell, shown, shown_texts):
                cells[column] = text
        if cells:
            yield row + 1, cells


def _text(cell: Any, shown: list[Shown], shown_texts: list[Callable[[str], str] | None]) -> str:
    style = cell.xf_index if cell.xf_index is not None and cell.xf_index < len(shown) else None
    if cell.ctype == TEXT:
        show = None if style is None else shown_texts[style]
        return show(str(cell.value)) if show else str(cell.value)
    if cell.ctype in (NUMBER, DATE):
        return (number if style is None else shown[style])(cell.value)
    if cell.ctype == BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    return ""
