"""PDF by PDFium: the text of each page, the values of form fields, and the text in pictures.

This module reads the file and handles passwords, bookmarks and documents without text. Lines come
from `lines`, `links`, `form_fields` and `scanned_pages`; `layout` makes elements of them.
"""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from ingestion.errors.exceptions import (
    CORRUPT,
    NO_TEXT,
    PASSWORD_NEEDED,
    TOO_LARGE,
    UNSUPPORTED,
    UnreadableDocument,
)
from ingestion.parsing.elements import Parsed
from ingestion.parsing.layout import Page, elements_of
from ingestion.parsing.options import Options
from ingestion.parsing.pdf.form_fields import FormFields
from ingestion.parsing.pdf.lines import LineReader
from ingestion.parsing.pdf.links import Links
from ingestion.parsing.pdf.scanned_pages import ScannedPages, is_garbled
from ingestion.parsing.progress import PagesRead, Progress
from ingestion.parsing.text.cleaning import title_of

ERROR_PASSWORD = 4
ERROR_SECURITY = 5
HEADER_BYTES = 8 * 1024
MAX_BOOKMARKS = 5_000
MAX_REPEATED_LINES = 30  # Distinct running headers and footers that are reported.


def read_pdf(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a PDF of text, of scanned pages, or of both."""
    document = _opened(path, password)
    try:
        pages = _pages(document, progress, options)
        bookmarks = _bookmarks(document)
        title = document.get_metadata_value("Title")
    finally:
        document.close()
    lines = [line for page in pages for part in (page, *page.inside) for line in part.lines]
    if not any(line.text.strip() for line in lines):
        raise UnreadableDocument(NO_TEXT, "nothing_seen" if options.ocr else "ocr_off")
    if is_garbled(lines):
        raise UnreadableDocument(NO_TEXT, "garbled")
    repeated: Counter[str] = Counter()
    elements = elements_of(pages, bookmarks, repeated)
    return Parsed(
        tuple(elements),
        title_of(title, elements),
        len(pages),
        tuple(repeated.most_common(MAX_REPEATED_LINES)),
    )


def _opened(path: Path, password: str | None) -> Any:
    import pypdfium2

    with path.open("rb") as file:
        start = file.read(HEADER_BYTES).find(b"%PDF-")
    # PDFium does not find a header far from the start.
    source: Path | bytes = path if start <= 0 else path.read_bytes()[start:]
    try:
        return pypdfium2.PdfDocument(source, password=password)
    except pypdfium2.PdfiumError as exc:
        error = getattr(exc, "err_code", None)
        if error == ERROR_PASSWORD:
            raise UnreadableDocument(PASSWORD_NEEDED, "wrong" if password else "") from exc
        raise UnreadableDocument(
            *((UNSUPPORTED, "protected") if error == ERROR_SECURITY else (CORRUPT,))
        ) from exc


def _pages(document: Any, progress: Progress, options: Options) -> list[Page]:
    import pypdfium2.raw as pdfium

    count = len(document)
    if count > options.max_pages:
        raise UnreadableDocument(TOO_LARGE, f"pages:{options.max_pages}")
    reader, links, forms = LineReader(), Links(document), FormFields(document)
    scans = ScannedPages() if options.ocr else None
    pages: list[Page] = []
    for index in range(count):
        raw = pdfium.FPDF_LoadPage(document.raw, index)
        if raw:
            try:
                page = reader.read(raw)
                page = scans.add_seen_text(raw, page) if scans else page
                links.add_to(raw, page)
                forms.fill_in(raw, page)
                pages.append(page)
            finally:
                pdfium.FPDF_ClosePage(raw)
        else:
            pages.append(Page())  # The other pages are readable without a broken one.
        progress(PagesRead(index + 1, count))
    return pages


def _bookmarks(document: Any) -> dict[int, list[tuple[str, int]]]:
    """Titles and levels of the bookmarks that lead to a page, by its index."""
    bookmarks: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for count, bookmark in enumerate(document.get_toc(max_depth=8)):
        if count >= MAX_BOOKMARKS:
            break
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        if index is not None:
            bookmarks[index].append((bookmark.get_title(), bookmark.level + 1))
    return bookmarks
