"""From recognized text to a page of lines, like the pages of a PDF with text."""

from collections.abc import Sequence
from statistics import median

from ingestion.parsing.layout import Line, Page
from ingestion.parsing.ocr.engine import RecognizedPicture

PAGE_WIDTH = 595.0  # Points: a picture of any size is laid out as a full page.
SAME_HEIGHT_SHARE = 0.3  # Recognized heights depend on the letters of a line.


def page_of(reading: RecognizedPicture, width: float = PAGE_WIDTH) -> Page:
    """Return `reading` as a page of `width` points."""
    scale = width / max(reading.width, 1)
    page = Page(width=width, height=reading.height * scale, seen=True, turns=reading.turns)
    page.lines = lines_of(reading, scale, 0.0, page.height)
    return page


def lines_of(reading: RecognizedPicture, scale: float, left: float, top: float) -> list[Line]:
    """Return the recognized lines, in points on a page whose picture begins at `left` and `top`."""
    heights = [line.bottom - line.top for line in reading.lines]
    usual = usual_height(heights)
    return [
        Line(
            line.text,
            left + line.left * scale,
            left + line.right * scale,
            top - (line.top + line.bottom) / 2 * scale,
            (usual if abs(height - usual) <= SAME_HEIGHT_SHARE * usual else height) * scale,
            bold=False,
        )
        for line, height in zip(reading.lines, heights, strict=True)
    ]


def usual_height(heights: Sequence[float]) -> float:
    """Return the height of most lines."""
    return median(heights) if heights else 0.0
