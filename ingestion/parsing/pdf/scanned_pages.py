"""Text recognition in a PDF: scanned pages, pages with garbled text, pictures beside text.

Chooses pages and pictures, draws them, and reads them with `ocr.engine`.
"""

import ctypes
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from ingestion.parsing.layout.lines import Line, Page
from ingestion.parsing.ocr import engine
from ingestion.parsing.ocr.page_lines import lines_of, page_of
from ingestion.parsing.pdf.lines import Place, turning_of

ODD_CHARACTER = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
MAX_ODD_SHARE = 0.3
# A page with fewer letters, of which pictures cover this share, is a scan with a stamp.
MIN_PAGE_LETTERS = 25
MIN_COVERED_SHARE = 0.25
MIN_PICTURE_SHARE = 0.06  # Share of the page; smaller pictures are decoration.
MIN_SIDE_POINTS = 40.0  # Points.
# A picture under so many letters is a background, or another program has recognized its text.
BACKGROUND_LETTERS = 20
MIN_SEEN_LETTERS = 10  # A picture with fewer recognized letters is ignored.
MAX_PAGE_OBJECTS = 20_000
MAX_PAGE_PICTURES = 200
TOUCHING_POINTS = 2.0
MAX_SCALE = 6.0  # Pixels per point.
PICTURE_SIDE_PIXELS = 1_600
WHITE = 0xFFFFFFFF


def is_garbled(lines: Iterable[Line]) -> bool:
    """Whether the text has too many undefined characters to be readable."""
    text = "".join(line.text for line in lines)
    return len(ODD_CHARACTER.findall(text)) > MAX_ODD_SHARE * len(text)


class ScannedPages:
    """Text recognition for the pages of one document, one after the other."""

    def __init__(self) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._known: set[tuple[int, int, int]] = set()

    def add_seen_text(self, raw: Any, page: Page) -> Page:
        """Return `page` with the text in its pictures, or recognized as a whole if it is a scan.

        `raw` is the open page.
        """
        letters = _letters(page.lines)
        if letters and is_garbled(page.lines):
            return self._whole(raw, page) or page
        if page.turns:
            return page
        pictures = self._pictures(raw, page)
        if letters:
            is_scan = (
                letters < MIN_PAGE_LETTERS
                and sum(map(_area, pictures)) >= MIN_COVERED_SHARE * page.width * page.height
            )
        else:
            is_scan = (
                self._pdfium.FPDFPage_CountObjects(raw) > 0
                or self._pdfium.FPDFPage_GetAnnotCount(raw) > 0
            )
        if is_scan:
            seen = self._whole(raw, page)
            return seen if seen and _letters(seen.lines) >= letters else page
        page.inside = list(self._inside(raw, page, pictures))
        return page

    def _whole(self, raw: Any, page: Page) -> Page | None:
        """The page as text recognition reads it, or None if it finds no text."""
        if page.turns % 2:
            page = Page(width=page.height, height=page.width)
        scale = min(engine.LONG_SIDE_PIXELS / max(page.width, page.height, 1.0), MAX_SCALE)
        pixels = self._drawn(raw, page, (0.0, 0.0, page.width, page.height), scale)
        if pixels is None:
            return None
        reading = engine.read_pixels(pixels)
        seen = page_of(reading, page.height if reading.turns % 2 else page.width)
        return seen if seen.lines else None

    def _inside(self, raw: Any, page: Page, pictures: Sequence[Place]) -> Iterator[Page]:
        """Pages of the text in pictures, with places on the page around them."""
        for place in pictures:
            left, bottom, right, top = place
            inside = [line for line in page.lines if left <= (line.left + line.right) / 2 <= right]
            if (
                _letters(line for line in inside if bottom <= line.middle <= top)
                >= BACKGROUND_LETTERS
            ):
                continue
            scale = min(
                PICTURE_SIDE_PIXELS / max(place[2] - place[0], place[3] - place[1]), MAX_SCALE
            )
            pixels = self._drawn(raw, page, place, scale)
            reading = engine.read_pixels(pixels) if pixels is not None else None
            if (
                reading
                and not reading.turns
                and sum(len(line.text) for line in reading.lines) >= MIN_SEEN_LETTERS
            ):
                lines = lines_of(reading, 1 / scale, place[0], place[3])
                yield Page(lines, page.width, page.height, seen=True)

    def _pictures(self, raw: Any, page: Page) -> list[Place]:
        """The places of large pictures that no earlier page contains."""
        upright = turning_of(self._pdfium, raw)
        found: list[Place] = []
        for place in islice(self._new_pictures(raw), MAX_PAGE_PICTURES):
            shown = upright(place) if upright else place
            found.append(
                (
                    max(shown[0], 0),
                    max(shown[1], 0),
                    min(shown[2], page.width),
                    min(shown[3], page.height),
                )
            )
        smallest = MIN_PICTURE_SHARE * page.width * page.height
        return [
            place
            for place in _merged(found)
            if min(place[2] - place[0], place[3] - place[1]) >= MIN_SIDE_POINTS
            and _area(place) >= smallest
        ]

    def _new_pictures(self, raw: Any) -> Iterator[Place]:
        pdfium = self._pdfium
        sides = [ctypes.c_float() for _side in range(4)]
        width, height = ctypes.c_uint(), ctypes.c_uint()
        for number in range(min(pdfium.FPDFPage_CountObjects(raw), MAX_PAGE_OBJECTS)):
            item = pdfium.FPDFPage_GetObject(raw, number)
            if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_IMAGE:
                continue
            pdfium.FPDFImageObj_GetImagePixelSize(item, ctypes.byref(width), ctypes.byref(height))
            key = (width.value, height.value, pdfium.FPDFImageObj_GetImageDataRaw(item, None, 0))
            is_new = key not in self._known
            self._known.add(key)
            if is_new and pdfium.FPDFPageObj_GetBounds(item, *map(ctypes.byref, sides)):
                left, bottom, right, top = (side.value for side in sides)
                yield left, bottom, right, top

    def _drawn(self, raw: Any, page: Page, place: Place, scale: float) -> engine.Pixels | None:
        """Draw a place of the page; None if all pixels have one colour."""
        import numpy

        pdfium = self._pdfium
        width, height = (int((place[2] - place[0]) * scale), int((place[3] - place[1]) * scale))
        if min(width, height) < 1:
            return None
        pixels = numpy.empty((height, width, 4), dtype=numpy.uint8)
        bitmap = pdfium.FPDFBitmap_CreateEx(
            width, height, pdfium.FPDFBitmap_BGRx, pixels.ctypes.data_as(ctypes.c_void_p), width * 4
        )
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE)
            left, top = -int(place[0] * scale), -int((page.height - place[3]) * scale)
            whole = int(page.width * scale), int(page.height * scale)
            pdfium.FPDF_RenderPageBitmap(bitmap, raw, left, top, *whole, 0, pdfium.FPDF_ANNOT)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)
        colours = pixels[:, :, :3]
        return None if colours.min() == colours.max() else numpy.ascontiguousarray(colours)


def _letters(lines: Iterable[Line]) -> int:
    return sum(map(str.isalnum, "".join(line.text for line in lines)))


def _area(place: Place) -> float:
    return max(0.0, place[2] - place[0]) * max(0.0, place[3] - place[1])


def _merged(places: Sequence[Place]) -> list[Place]:
    """Join pictures that touch, because some programs cut a picture into strips."""
    merged: list[Place] = []
    for place in places:
        while touching := next((other for other in merged if _touch(place, other)), None):
            merged.remove(touching)
            (left, bottom, right, top), (left2, bottom2, right2, top2) = place, touching
            place = (min(left, left2), min(bottom, bottom2), max(right, right2), max(top, top2))
        merged.append(place)
    return merged


def _touch(one: Place, other: Place) -> bool:
    return (
        one[0] <= other[2] + TOUCHING_POINTS
        and other[0] <= one[2] + TOUCHING_POINTS
        and one[1] <= other[3] + TOUCHING_POINTS
        and other[1] <= one[3] + TOUCHING_POINTS
    )
