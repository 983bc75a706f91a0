"""The lines of a PDF page and where they stand, in the order in which PDFium tells them.

The whole text of a page is one call; of each line only three characters are asked for their boxes, which keeps this
near the speed of text alone. What lines mean is decided in `pdflayout`.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

HYPHEN = "\ufffe"  # PDFium's sign for a hyphen that ended a line.
LINE = re.compile(f"[^\r\n{HYPHEN}]+{HYPHEN}?")
UNINKED = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\x00" + HYPHEN
INKED = re.compile(f"[^{UNINKED}]")
BOLD_NAME = re.compile(rb"bold|black|heavy|demi|[-,]bd|-medi\b|simhei|\xba\xda\xcc\xe5", re.IGNORECASE)
FONT_NAME_BYTES = 64
LARGEST_PAGE_TEXT = 2_000_000


@dataclass(slots=True)
class Line:
    """One line: its text and where it stands, in points from the bottom left of the page."""

    text: str
    left: float
    right: float
    middle: float  # Where it stands on the page, from below.
    size: float  # Its height, which grows with its type.
    bold: bool
    level: int = 0  # Of a heading, from 1; 0 is none.


Box = tuple[float, float, float, float]


def _height(box: Box) -> float:
    return box[3] - box[1]


class LineReader:
    """Reads the lines of pages through PDFium's own functions, its buffers made once."""

    def __init__(self) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._box = pdfium.FS_RECTF()
        self._box_pointer = ctypes.byref(self._box)
        self._font_name = ctypes.create_string_buffer(FONT_NAME_BYTES)

    def read(self, page: Any) -> list[Line]:
        """The lines of an open page."""
        text_page = self._pdfium.FPDFText_LoadPage(page)
        if not text_page:
            return []
        try:
            return list(self._lines(text_page))
        finally:
            self._pdfium.FPDFText_ClosePage(text_page)

    def _text(self, text_page: Any) -> str:
        count = min(self._pdfium.FPDFText_CountChars(text_page), LARGEST_PAGE_TEXT)
        if count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (2 * count + 1))()
        written = self._pdfium.FPDFText_GetText(text_page, 0, count, buffer)
        return bytes(buffer)[: 2 * max(0, written - 1)].decode("utf-16-le", errors="replace")

    def _lines(self, text_page: Any) -> Iterator[Line]:
        text = self._text(text_page)
        for match in LINE.finditer(text):
            content = match[0]
            inked = INKED.search(content)
            if inked:
                yield self._line(text_page, content, match.start(), inked.start())

    def _line(self, text_page: Any, content: str, offset: int, start: int) -> Line:
        """The line `content`, which begins at `offset` of the page's text and shows from `start` on."""
        end = len(content.rstrip(UNINKED)) - 1
        middle = (start + end) // 2
        while content[middle] in UNINKED:
            middle += 1
        boxes = [self._box_of(text_page, offset + at) for at in (start, middle, end)]
        left, right = boxes[0][0], boxes[2][2]
        # One letter of a formula can be as tall as a house, so of three the one of middling height stands for all.
        _left, bottom, _right, top = sorted(boxes, key=_height)[1]
        bold = self._is_bold(text_page, offset + middle)
        return Line(content.strip(), left, right, (top + bottom) / 2, top - bottom, bold)

    def _box_of(self, text_page: Any, position: int) -> Box:
        """Left, bottom, right and top of the character at `position`: generous, and the same height along a line."""
        index = self._pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, position)
        self._pdfium.FPDFText_GetLooseCharBox(text_page, index, self._box_pointer)
        box = self._box
        return box.left, box.bottom, box.right, box.top

    def _is_bold(self, text_page: Any, position: int) -> bool:
        flags = ctypes.c_int()
        index = self._pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, position)
        size = self._pdfium.FPDFText_GetFontInfo(
            text_page, index, self._font_name, FONT_NAME_BYTES, ctypes.byref(flags)
        )
        return 0 < size <= FONT_NAME_BYTES and bool(BOLD_NAME.search(self._font_name.value))
