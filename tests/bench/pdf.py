"""How fast PDF is read, beside a loop over PDFium that asks for the same.

The loop asks for the text of each page, for the boxes of three letters of each line, for its font,
and for where its pieces lie; and which objects are pictures. Both are timed by the processor, page
by page of the same files, in turns, so that a busy machine slows both alike. The real PDFs are
those of READING_ROOM_DATA, without what takes OCR.
"""

import ctypes
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from support.stack import ROOT

ROUNDS = 3
LINE = re.compile("[^\r\n\ufffe]+")


def main() -> None:
    """Time both."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    from config import settings

    files = sorted((settings.READING_ROOM_DATA / "docqa").rglob("*.pdf"))
    files += sorted((settings.READING_ROOM_DATA / "documents" / "normal").glob("*.pdf"))
    if files:
        compare(files)


def compare(files: list[Path]) -> None:
    """Print pages a second of the loop and of the reader, and their ratio."""
    pages = sum(read_barely(path) for path in files)
    for path in files:
        read(path)  # Once to warm both up.
    bare = taken = 0.0
    for _round in range(ROUNDS):
        for path in files:
            bare += seconds(read_barely, path)
            taken += seconds(read, path)
    pages *= ROUNDS
    print(
        f"{len(files)} real PDFs, {pages // ROUNDS} pages: bare loop {pages / bare:.0f} pages/s, ",
        end="",
    )
    print(
        f"reader {pages / taken:.0f} pages/s, {100 * bare / taken:.0f} % (by processor time)",
        flush=True,
    )


def seconds(reader: Callable[[Path], object], path: Path) -> float:
    began = time.process_time()
    reader(path)
    return time.process_time() - began


def read(path: Path) -> None:
    """Read as a child does, all but what takes OCR."""
    from ingestion.errors.exceptions import UnreadableDocument
    from ingestion.parsing.options import Options
    from ingestion.parsing.pdf.reader import read_pdf

    with suppress(UnreadableDocument):
        read_pdf(
            path,
            name=path.name,
            password=None,
            progress=lambda share: None,
            options=Options(ocr=False),
        )


def read_barely(path: Path) -> int:
    """Ask PDFium for the same, keep nothing, answer how many pages there were."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return 0
    for number in range(len(document)):
        page = pdfium.FPDF_LoadPage(document.raw, number)
        if page:
            bare_page(pdfium, page)
            pdfium.FPDF_ClosePage(page)
    count = len(document)
    document.close()
    return count


def bare_page(pdfium: object, page: object) -> None:
    text_page = pdfium.FPDFText_LoadPage(page)
    count = pdfium.FPDFText_CountChars(text_page)
    buffer = (ctypes.c_ushort * (2 * count + 1))()
    written = pdfium.FPDFText_GetText(text_page, 0, count, buffer) if count > 0 else 1
    text = bytes(buffer)[: 2 * (written - 1)].decode("utf-16-le", errors="replace")
    box, name, flags = pdfium.FS_RECTF(), ctypes.create_string_buffer(64), ctypes.c_int()
    sides = [ctypes.c_double() for _side in range(4)]
    places = [ctypes.byref(side) for side in sides]
    for line in LINE.finditer(text):
        first, last = line.start(), line.end() - 1
        for position in (first, (first + last) // 2, last):
            pdfium.FPDFText_GetLooseCharBox(text_page, position, ctypes.byref(box))
        pdfium.FPDFText_GetFontInfo(text_page, position, name, 64, ctypes.byref(flags))
        for piece in range(pdfium.FPDFText_CountRects(text_page, first, last - first + 1)):
            pdfium.FPDFText_GetRect(text_page, piece, *places)
    pdfium.FPDFText_ClosePage(text_page)
