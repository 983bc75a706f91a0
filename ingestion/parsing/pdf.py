"""PDF by PDFium: its text page by page, with page numbers, headings, and without what every page repeats.

This module reads the file and knows about passwords, bookmarks and documents without text; lines come from `pdflines`,
paragraphs from `pdflayout`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingestion.exceptions import CORRUPT, NO_TEXT, PASSWORD_NEEDED, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.cleaning import clean_elements, title_of
from ingestion.parsing.elements import Element, Kind, Parsed, Progress
from ingestion.parsing.options import Options
from ingestion.parsing.pdflayout import Page, mark_headings, page_elements
from ingestion.parsing.pdflines import HYPHEN, Line, LineReader

ERROR_PASSWORD = 4
ERROR_SECURITY = 5
HEADER_WITHIN = 8 * 1024
MOST_BOOKMARKS = 5_000
PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:page|p\.|第)?\s*\d{1,4}\s*(?:页|頁)?\s*(?:(?:/|of|共)\s*\d{1,4}\s*(?:页|頁)?)?[-–—|\s]*", re.I
)
DIGITS = re.compile(r"\d+")
HYPHENATED = re.compile(rf"(-?)(\w+){HYPHEN}(\w+)(-?)")
UNMAPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")


def read_pdf(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A PDF that holds text."""
    document = _opened(path, password)
    try:
        pages = _pages(document, progress)
        bookmarks = _bookmarks(document)
        title = document.get_metadata_value("Title")
    finally:
        document.close()
    _refuse_without_text(pages)
    drop_repeated(pages)
    mark_headings(pages, bookmarks)
    found = [element for number, page in enumerate(pages, start=1) for element in page_elements(page, number)]
    elements = clean_elements(_as_title(_without_hyphens(found)))
    return Parsed(tuple(elements), title_of(title, elements), len(pages))


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


def _pages(document: Any, progress: Progress) -> list[Page]:
    import pypdfium2.raw as pdfium

    reader, count = LineReader(), len(document)
    pages: list[Page] = []
    for index in range(count):
        page = pdfium.FPDF_LoadPage(document.raw, index)
        if page:
            try:
                pages.append(reader.read(page))
            finally:
                pdfium.FPDF_ClosePage(page)
        else:
            pages.append([])  # One broken page must not cost the others.
        progress((index + 1) / count)
    return pages


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


def _refuse_without_text(pages: Sequence[Page]) -> None:
    text = "".join(line.text for page in pages for line in page)
    if not text.strip():
        raise UnreadableDocument(NO_TEXT, "pictures")
    if len(UNMAPPED.findall(text)) > 0.5 * len(text):
        raise UnreadableDocument(NO_TEXT, "garbled")


def drop_repeated(pages: Sequence[Page]) -> None:
    """Take out running headers and footers: the same words at the same height on many pages, and page numbers."""
    seen = Counter(key for page in pages for key in {_place(line) for line in _outermost(page)})
    often = max(3, len(pages) // 4)
    for page in pages:
        outermost = _outermost(page)
        repeated = [line for line in outermost if seen[_place(line)] >= often or PAGE_NUMBER.fullmatch(line.text)]
        if len(repeated) < len(page):
            page[:] = [line for line in page if not any(line is other for other in repeated)]


def _outermost(page: Page) -> list[Line]:
    """The two highest and the two lowest lines of a page, with what stands beside them."""
    heights = sorted({round(line.middle) for line in page})
    limits = set(heights[:2] + heights[-2:])
    return [line for line in page if round(line.middle) in limits]


def _place(line: Line) -> tuple[str, int]:
    return DIGITS.sub("#", line.text.casefold()), round(line.middle / 4)


def _without_hyphens(elements: list[Element]) -> list[Element]:
    """Close words that were broken at a line's end, unless the document elsewhere writes them with the hyphen."""
    words = {word for element in elements for word in re.findall(r"\w+(?:-\w+)+", element.text.casefold())}

    def closed(match: re.Match[str]) -> str:
        before, start, end, after = match.groups()
        is_compound = before or after or not end[0].islower() or f"{start}-{end}".casefold() in words
        return f"{before}{start}{'-' if is_compound else ''}{end}{after}"

    return [
        Element(element.kind, HYPHENATED.sub(closed, element.text).replace(HYPHEN, "-"), element.page, element.level)
        if HYPHEN in element.text
        else element
        for element in elements
    ]


def _as_title(elements: list[Element]) -> list[Element]:
    """The one heading of the first level, if it stands at the start, is the title."""
    first = [
        position for position, element in enumerate(elements) if element.kind is Kind.HEADING and element.level == 1
    ]
    if len(first) != 1 or elements[first[0]].page != 1:
        return elements
    title = elements[first[0]]
    elements[first[0]] = Element(Kind.TITLE, title.text, title.page)
    return elements
