"""Addresses of the links of a PDF page, written after the words under the link."""

import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

from ingestion.parsing.layout.lines import HYPHEN, Line, Page
from ingestion.parsing.pdf.lines import Place, turning_of
from ingestion.parsing.text.links import MAX_ADDRESS_CHARACTERS, address_beside

MAX_LINKS = 1_000  # Per page.
NEXT_LINE_HEIGHTS = 2.0  # In heights of the link.


class Link(NamedTuple):
    """An address and the box of its link on the shown page."""

    address: str
    place: Place
    words: str  # Those that it lies on,
    text: str  # and those with the lines above that belong to it.

    def goes_on_in(self, other: "Link") -> bool:
        """Whether `other` is the same link on the line below."""
        height = self.place[3] - self.place[1]
        return (
            self.address == other.address
            and 0 < self.place[3] - other.place[3] < NEXT_LINE_HEIGHTS * height
        )


class Links:
    """Reads the links of the pages of one document."""

    def __init__(self, document: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._document = document.raw
        self._buffer = ctypes.create_string_buffer(4 * MAX_ADDRESS_CHARACTERS)

    def add_to(self, raw: Any, page: Page) -> None:
        """Write the addresses of the open page `raw` into the lines of `page`, each once."""
        if page.turns or not (found := list(self._addressed(raw))):
            return
        links = self._links(raw, found)
        for number, link in enumerate(links):
            following = next(
                (after for after in range(number + 1, len(links)) if link.goes_on_in(links[after])),
                None,
            )
            if following is not None:
                links[following] = links[following]._replace(text=link.text + links[following].text)
            elif shown := address_beside(link.text, link.address):
                _write(page.lines, link, f" ({shown})")

    def _addressed(self, raw: Any) -> Iterator[tuple[str, Any]]:
        """The links of the page that lead out of the document."""
        position, link = ctypes.c_int(0), self._pdfium.FPDF_LINK()
        for _number in range(MAX_LINKS):
            if not self._pdfium.FPDFLink_Enumerate(raw, ctypes.byref(position), ctypes.byref(link)):
                return
            action = self._pdfium.FPDFLink_GetAction(link)
            if action and self._pdfium.FPDFAction_GetType(action) == self._pdfium.PDFACTION_URI:
                size = self._pdfium.FPDFAction_GetURIPath(
                    self._document, action, self._buffer, len(self._buffer)
                )
                box = self._pdfium.FS_RECTF()
                if 1 < size <= len(self._buffer) and self._pdfium.FPDFLink_GetAnnotRect(
                    link, ctypes.byref(box)
                ):
                    yield self._buffer.value.decode("utf-8", "replace"), box

    def _links(self, raw: Any, found: list[tuple[str, Any]]) -> list[Link]:
        upright = turning_of(self._pdfium, raw)
        text_page = self._pdfium.FPDFText_LoadPage(raw)
        if not text_page:
            return []
        try:
            links = []
            for address, box in found:
                sides = box.left, box.bottom, box.right, box.top
                words = self._text_in(text_page, box)
                links.append(Link(address, upright(sides) if upright else sides, words, words))
            return links
        finally:
            self._pdfium.FPDFText_ClosePage(text_page)

    def _text_in(self, text_page: Any, box: Any) -> str:
        sides = box.left, box.top, box.right, box.bottom
        count = self._pdfium.FPDFText_GetBoundedText(text_page, *sides, None, 0)
        if not 0 < count <= MAX_ADDRESS_CHARACTERS:
            return ""
        buffer = (ctypes.c_ushort * count)()
        written = self._pdfium.FPDFText_GetBoundedText(text_page, *sides, buffer, count)
        text = ctypes.string_at(buffer, 2 * min(written, count)).decode("utf-16-le", "replace")
        return " ".join(text.replace("\x00", "").split())


def _write(lines: list[Line], link: Link, address: str) -> None:
    """Write `address` after the words of `link`, in its lowest line."""
    left, bottom, right, top = link.place
    touched = [
        line
        for line in lines
        if bottom < line.middle < top and line.left < right and left < line.right
    ]
    if not touched:
        return
    line = min(touched, key=lambda line: line.middle)
    place = line.text.rfind(link.words)
    if place >= 0:
        end = place + len(link.words)
        while line.text[end : end + 1].isalnum():  # The link ends within a letter.
            end += 1
        line.text = line.text[:end] + address + line.text[end:]
    elif not line.text.endswith(HYPHEN):
        line.text += address
