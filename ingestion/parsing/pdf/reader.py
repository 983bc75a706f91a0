"""PDF by PDFium: its text page by page, what is filled into its fields, and what is written in its pictures.

This module reads the file and knows about passwords, bookmarks and documents without text; lines come from `lines`,
`links`, `form_fields` and `scanned_pages`, what they make up is decided in `layout`.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingestion.errors.exceptions import CORRUPT, NO_TEXT, PASSWORD_NEEDED, TOO_LARGE, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.elements import Parsed
from ingestion.parsing.layout import Page, elements_of
from ingestion.parsing.options import Options
from ingestion.parsing.pdf.form_fields import Forms
from ingestion.parsing.pdf.lines import LineReader
from ingestion.parsing.pdf.links import Links
from ingestion.parsing.pdf.scanned_pages import Scans, is_garbled
from ingestion.parsing.progress import PagesRead, Progress
from ingestion.parsing.text.cleaning import title_of

ERROR_PASSWORD = 4
ERROR_SECURITY = 5
HEADER_WITHIN = 8 * 1024
MOST_BOOKMARKS = 5_000
MOST_REPEATED = 30  # Running headers and footers that are named.


def read_pdf(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A PDF of text, of scanned pages, or of both."""
    document = _opened(path, password)
    try:
        pages = _pages(document, progress, options)
        bookmarks = _bookmarks(document)
        title = document.get_metadata_value("Title")
    finally:
        document.close()
    _refuse_without_text(pages, options)
    repeated: Counter[str] = Counter()
    elements = elements_of(pages, bookmarks, repeated)
    return Parsed(tuple(elements), title_of(title, elements), len(pages), tuple(repeated.most_common(MOST_REPEATED)))


def _opened(path: Path, password: str | None) -> Any:
    import pypdfium2

    with path.open("rb") as file:
        start = file.read(HEADER_WITHIN).find(b"%PDF-")
    source: Path | bytes = (
        path if start <= 0 else path.read_bytes()[start:]
    )  # PDFium finds no header far from the start.
    try:
        return pypdfium2.PdfDocument(source, password=password)
    except pypdfium2.PdfiumError as exc:
        raise _refusal(getattr(exc, "err_code", None), given=bool(password)) from exc


def _refusal(error: int | None, *, given: bool) -> UnreadableDocument:
    if error == ERROR_PASSWORD:
        return UnreadableDocument(PASSWORD_NEEDED, "wrong" if given else "")
    if error == ERROR_SECURITY:
        return UnreadableDocument(UNSUPPORTED, "protected")
    return UnreadableDocument(CORRUPT)


def _pages(document: Any, progress: Progress, options: Options) -> list[Page]:
    import pypdfium2.raw as pdfium

    count = len(document)
    if count > options.max_pages:
        raise UnreadableDocument(TOO_LARGE, f"pages:{options.max_pages}")
    reader, links, forms = LineReader(), Links(document), Forms(document)
    scans = Scans() if options.ocr else None
    pages: list[Page] = []
    for index in range(count):
        raw = pdfium.FPDF_LoadPage(document.raw, index)
        if raw:
            try:
                pages.append(_page(raw, reader, links, forms, scans))
            finally:
                pdfium.FPDF_ClosePage(raw)
        else:
            pages.append(Page())  # One broken page must not cost the others.
        progress(PagesRead(index + 1, count))
    return pages


def _page(raw: Any, reader: LineReader, links: Links, forms: Forms, scans: Scans | None) -> Page:
    page = reader.read(raw)
    if scans:
        page = scans.look_at(raw, page)
    links.add_to(raw, page)
    forms.fill_in(raw, page)
    return page


def _bookmarks(document: Any) -> dict[int, list[tuple[str, int]]]:
    """Titles and levels of the bookmarks that lead to a page, by its index."""
    bookmarks: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for count, bookmark in enumerate(document.get_toc(max_depth=8)):
        if count >= MOST_BOOKMARKS:
            break
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        if index is not None:
            bookmarks[index].append((bookmark.get_title(), bookmark.level + 1))
    return bookmarks


def _refuse_without_text(pages: Sequence[Page], options: Options) -> None:
    lines = [line for page in pages for part in (page, *page.inside) for line in part.lines]
    if not any(line.text.strip() for line in lines):
        raise UnreadableDocument(NO_TEXT, "nothing_seen" if options.ocr else "ocr_off")
    if is_garbled(lines):
        raise UnreadableDocument(NO_TEXT, "garbled")
