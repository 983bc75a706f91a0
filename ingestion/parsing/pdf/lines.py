"""The lines of a PDF page and their places, in the order of PDFium.

The text of a page is one call. Boxes are read for only three characters of each line, which costs
little more than the text alone. A line is cut at gaps between its pieces. `layout` decides the
meaning of lines.
"""

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ingestion.parsing.layout.lines import HYPHEN, Line, Page
from ingestion.parsing.text.raised_digits import RAISED, with_raised

LINE = re.compile(f"[^\r\n{HYPHEN}]+{HYPHEN}?")
UNINKED = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\x00" + HYPHEN
INKED = re.compile(f"[^{UNINKED}]")
BOLD_NAME = re.compile(
    rb"bold|black|heavy|demi|[-,]bd|-medi\b|simhei|\xba\xda\xcc\xe5", re.IGNORECASE
)
FONT_NAME_BYTES = 64
MAX_PAGE_CHARACTERS = 2_000_000
# In line heights; pieces further apart are cells of a table or lie in two columns.
GAP_HEIGHTS = 0.9
MAX_PIECES = 60
RAISED_GAP, RAISED_SIZE, RAISED_FOOT = 0.3, 0.72, 0.3  # In heights of the letters before.
DIGIT, CAN_BE_CUT = re.compile(r"\d"), re.compile(r"[ \d]")
# Alef and lam, which PDFium swaps in the ligature of lam and alef.
SWAPPED = re.compile("[\u0622\u0623\u0625\u0627]\u0644")
# A space is missing where the direction of writing changes.
MIXED = re.compile(r"(?<=[A-Za-z0-9])(?=[\u0590-\u06ff])")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")

Place = tuple[float, float, float, float]
"""Left, bottom, right and top."""
Turning = Callable[[Place], Place]


def turning_of(pdfium: Any, page: Any) -> Turning | None:
    """The map from places in the file to places on the shown `page`; None for the identity."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(box)):
        return None
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    match pdfium.FPDFPage_GetRotation(page):
        case 1:
            return lambda place: (
                place[1] - bottom,
                right - place[2],
                place[3] - bottom,
                right - place[0],
            )
        case 2:
            return lambda place: (
                right - place[2],
                top - place[3],
                right - place[0],
                top - place[1],
            )
        case 3:
            return lambda place: (top - place[3], place[0] - left, top - place[1], place[2] - left)
    if left == bottom == 0:
        return None
    return lambda place: (place[0] - left, place[1] - bottom, place[2] - left, place[3] - bottom)


def _begins_line(before: Place, after: Place) -> bool:
    """Whether `after` is on another line than `before`: far to its left, or left and not level."""
    if after[0] >= before[0]:
        return False
    return (
        after[2] < before[0] - (before[3] - before[1])
        or not before[1] < (after[1] + after[3]) / 2 < before[3]
    )


def _is_apart(before: Place, after: Place, size: float) -> bool:
    """Whether there is a gap before `after`, or it is on another line."""
    return after[0] - before[2] > GAP_HEIGHTS * size or _begins_line(before, after)


def _is_raised(base: Place, place: Place) -> bool:
    """Whether the piece at `place` directly follows `base`, smaller and higher."""
    height = base[3] - base[1]
    is_behind = base[0] < place[0] < base[2] + RAISED_GAP * height
    return (
        is_behind
        and place[3] - place[1] < RAISED_SIZE * height
        and place[1] - base[1] > RAISED_FOOT * height
    )


def _written(content: str, start: int, end: int, raised: list[tuple[int, int]]) -> str:
    """The part of a line from `start` to `end`, with raised digits marked."""
    text, reached = "", start
    for first, last in raised:
        if start <= first and last <= end:
            text += content[reached:first]
            text += with_raised(text, content[first:last].strip())
            reached = last
    return (text + content[reached:end]).strip()


class LineReader:
    """Reads the lines of pages by the raw functions of PDFium, with reused buffers."""

    def __init__(self) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._box = pdfium.FS_RECTF()
        self._box_pointer = ctypes.byref(self._box)
        self._sides = [ctypes.c_double() for _side in range(4)]
        self._side_pointers = [ctypes.byref(side) for side in self._sides]
        self._font_name = ctypes.create_string_buffer(FONT_NAME_BYTES)
        self._flags_pointer = ctypes.byref(ctypes.c_int())
        self._bold: dict[bytes, bool] = {}  # By font name, since a document has few fonts.
        self._asked = 0
        self._is_one_to_one = False
        self._upright: Turning | None = None
        self._part = 0
        self._rightwards = self._upwards = 0.0

    def read(self, page: Any) -> Page:
        """The lines of an open page, upright as shown."""
        width, height = (
            self._pdfium.FPDF_GetPageWidthF(page),
            self._pdfium.FPDF_GetPageHeightF(page),
        )
        self._upright = turning_of(self._pdfium, page)
        text_page = self._pdfium.FPDFText_LoadPage(page)
        if not text_page:
            return Page(width=width, height=height)
        try:
            self._rightwards = self._upwards = 0.0
            page = Page(list(self._lines(text_page)), width, height)
            return self._read_turned(text_page, page) if self._turns() else page
        finally:
            self._pdfium.FPDFText_ClosePage(text_page)

    def _turns(self) -> int:
        """The number of counterclockwise quarter turns that bring most lines upright."""
        if abs(self._upwards) > abs(self._rightwards):
            return 1 if self._upwards < 0 else 3
        return 2 if self._rightwards < 0 else 0

    def _read_turned(self, text_page: Any, page: Page) -> Page:
        """The lines of a page with rotated text, with their places after the rotation."""
        shown, turns, width, height = self._upright, self._turns(), page.width, page.height

        def turned(place: Place) -> Place:
            place = shown(place) if shown else place
            if turns == 1:
                return height - place[3], place[0], height - place[1], place[2]
            if turns == 2:
                return width - place[2], height - place[3], width - place[0], height - place[1]
            return place[1], width - place[2], place[3], width - place[0]

        self._upright = turned
        size = (width, height) if turns == 2 else (height, width)
        return Page(list(self._lines(text_page)), *size, turns=turns)

    def _text(self, text_page: Any) -> str:
        count = min(self._pdfium.FPDFText_CountChars(text_page), MAX_PAGE_CHARACTERS)
        if count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (2 * count + 1))()
        written = max(0, self._pdfium.FPDFText_GetText(text_page, 0, count, buffer) - 1)
        text = ctypes.string_at(buffer, 2 * written).decode("utf-16-le", errors="replace")
        # Usually the characters of PDFium and of the text correspond one to one; otherwise PDFium
        # maps their positions.
        self._is_one_to_one = count == written == len(text)
        return text

    def _character(self, text_page: Any, position: int) -> int:
        """PDFium's number of the character at `position` of the text."""
        if self._is_one_to_one:
            return position
        return int(self._pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, position))

    def _lines(self, text_page: Any) -> Iterator[Line]:
        text = self._text(text_page)
        for match in LINE.finditer(text):
            content = match[0]
            inked = INKED.search(content)
            if inked:
                if not content.isascii() and SWAPPED.search(content):
                    content = self._unswapped(text_page, content, match.start())
                line = self._line(text_page, content, match.start(), inked.start())
                line.text = MIXED.sub(" ", line.text) if not content.isascii() else line.text
                places = self._places(text_page, content, match.start())
                raised = (
                    self._raised(text_page, content, match.start(), places)
                    if DIGIT.search(content)
                    else []
                )
                if any(_is_apart(before, after, line.size) for before, after in pairwise(places)):
                    yield from self._pieces(text_page, line, content, match.start(), places, raised)
                else:
                    line.text = _written(content, 0, len(content), raised) if raised else line.text
                    yield line

    def _unswapped(self, text_page: Any, content: str, offset: int) -> str:
        """Arabic text with the letters of the ligature in order; PDFium swaps them."""

        def in_order(match: re.Match[str]) -> str:
            alef, lam = (self._place_of(text_page, offset + match.start() + at) for at in (0, 1))
            return match[0][::-1] if alef == lam else match[0]

        return SWAPPED.sub(in_order, content)

    def _line(self, text_page: Any, content: str, offset: int, start: int) -> Line:
        """The line `content` at `offset` of the page text; its visible text begins at `start`."""
        end = len(content.rstrip(UNINKED)) - 1
        middle = (start + end) // 2
        while content[middle] in UNINKED:
            middle += 1
        first = self._place_of(text_page, offset + start)
        last = self._place_of(text_page, offset + end)
        if not RIGHT_TO_LEFT.search(content):
            rightwards, upwards = last[0] - first[0], last[1] - first[1]
            # The content may be several lines, so its first letters decide.
            if rightwards < abs(upwards) and len(content) > 1:
                second = self._place_of(text_page, offset + start + 1)
                rightwards, upwards = (
                    (second[side] - first[side]) * len(content) for side in (0, 1)
                )
            self._rightwards += rightwards
            self._upwards += upwards
        # Called last, because `_is_bold()` then asks about the same character.
        amid = self._place_of(text_page, offset + middle)
        # One letter of a formula can be very tall, so the median of three heights counts.
        heights = [first[3] - first[1], amid[3] - amid[1], last[3] - last[1]]
        _left, bottom, _right, top = (first, amid, last)[heights.index(sorted(heights)[1])]
        # From right to left, the first letter is the rightmost.
        left = first[0] if first[0] < last[0] else last[0]
        right = last[2] if last[2] > first[2] else first[2]
        return Line(
            content.strip(), left, right, (top + bottom) / 2, top - bottom, self._is_bold(text_page)
        )

    def _places(self, text_page: Any, content: str, offset: int) -> list[Place]:
        """The rectangles of the line; none if it can have no gap or changes direction."""
        if not CAN_BE_CUT.search(content) or RIGHT_TO_LEFT.search(content):
            return []
        count = int(
            self._pdfium.FPDFText_CountRects(
                text_page, self._character(text_page, offset), len(content)
            )
        )
        places: list[Place] = []
        for number in range(count) if 1 < count <= MAX_PIECES else ():
            self._pdfium.FPDFText_GetRect(text_page, number, *self._side_pointers)
            left, top, right, bottom = self._sides
            place = (left.value, bottom.value, right.value, top.value)
            places.append(place if self._upright is None else self._upright(place))
        return places

    def _raised(
        self, text_page: Any, content: str, offset: int, places: list[Place]
    ) -> list[tuple[int, int]]:
        """The ranges of raised digits in the line."""
        raised: list[tuple[int, int]] = []
        first, base = self._character(text_page, offset), places[0] if places else None
        for number, place in enumerate(places[1:], start=1):
            if base is None or not _is_raised(base, place):
                base = place
                continue
            start, end = (
                self._text_index(
                    text_page, self._first_beyond(text_page, first, len(content), beyond)
                )
                - offset
                for beyond in (number, number + 1)
            )
            end = len(content) if number + 1 == len(places) else end
            if (
                RAISED.fullmatch(content[start:end].rstrip())
                and content[:start].rstrip() == content[:start] != ""
            ):
                raised.append((start, start + len(content[start:end].rstrip())))
        return raised

    def _pieces(
        self,
        text_page: Any,
        line: Line,
        content: str,
        offset: int,
        places: list[Place],
        raised: list[tuple[int, int]],
    ) -> Iterator[Line]:
        """The pieces of the line, cut at gaps and where PDFium has merged another line."""
        first = self._character(text_page, offset)
        start, held = 0, [places[0]]
        for number, (before, after) in enumerate(pairwise(places), start=1):
            if not _is_apart(before, after, line.size):
                held.append(after)
                continue
            end = (
                self._text_index(
                    text_page, self._first_beyond(text_page, first, len(content), number)
                )
                - offset
            )
            if content[start:end].strip(UNINKED):
                self._part += start == 0 or _begins_line(before, after)
                yield self._piece(line, _written(content, start, end, raised), held, places[0])
                start, held = end, []
            held.append(after)
        yield (
            self._piece(line, _written(content, start, len(content), raised), held, places[0])
            if start
            else line
        )

    def _piece(self, line: Line, text: str, places: list[Place], first: Place) -> Line:
        """The part of `line` at `places`, which may be on another line than its `first` place."""
        left, right = min(place[0] for place in places), max(place[2] for place in places)
        below = (first[1] + first[3] - places[0][1] - places[0][3]) / 2
        middle = line.middle if abs(below) < line.size / 2 else line.middle - below
        return replace(line, text=text, left=left, right=right, middle=middle, part=self._part)

    def _first_beyond(self, text_page: Any, first: int, count: int, number: int) -> int:
        """The first of `count` characters beyond the first `number` pieces, by binary search."""
        low, high = number, count
        while low < high:
            middle = (low + high + 1) // 2
            if self._pdfium.FPDFText_CountRects(text_page, first, middle) <= number:
                low = middle
            else:
                high = middle - 1
        return first + low

    def _text_index(self, text_page: Any, character: int) -> int:
        if self._is_one_to_one:
            return character
        return int(self._pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, character))

    def _place_of(self, text_page: Any, position: int) -> Place:
        """The loose box of the character at `position`, of equal height along a line."""
        self._asked = self._character(text_page, position)
        self._pdfium.FPDFText_GetLooseCharBox(text_page, self._asked, self._box_pointer)
        box = self._box
        place = (box.left, box.bottom, box.right, box.top)
        return place if self._upright is None else self._upright(place)

    def _is_bold(self, text_page: Any) -> bool:
        """Whether the character of the last `_place_of()` is bold."""
        size = self._pdfium.FPDFText_GetFontInfo(
            text_page, self._asked, self._font_name, FONT_NAME_BYTES, self._flags_pointer
        )
        if not 0 < size <= FONT_NAME_BYTES:
            return False
        name = self._font_name.value
        if name not in self._bold:
            self._bold[name] = bool(BOLD_NAME.search(name))
        return self._bold[name]
