"""From what was seen in pixels to a page of lines, such as a PDF with text gives."""

from collections.abc import Sequence
from statistics import median

from ingestion.parsing.layout import Line, Page
from ingestion.parsing.ocr.engine import Reading

PAGE_WIDTH = 595.0  # Points: whatever its pixels, a picture is laid out as if it filled a page.
ABOUT = 0.3  # The height of a line that was seen says little: it depends on which letters are in it.


def page_of(reading: Reading, width: float = PAGE_WIDTH) -> Page:
    """Return `reading` as a page of `width` points."""
    scale = width / max(reading.width, 1)
    page = Page(width=width, height=reading.height * scale, seen=True, turns=reading.turns)
    page.lines = lines_of(reading, scale, 0.0, page.height)
    return page


def lines_of(reading: Reading, scale: float, left: float, top: float) -> list[Line]:
    """Return what was seen, in points on a page whose picture begins at `left` and `top`."""
    usual = usual_height([line.bottom - line.top for line in reading.lines])
    return [
        Line(
            line.text,
            left + line.left * scale,
            left + line.right * scale,
            top - (line.top + line.bottom) / 2 * scale,
            _height(line.bottom - line.top, usual) * scale,
            bold=False,
        )
        for line in reading.lines
    ]


def usual_height(heights: Sequence[float]) -> float:
    """Return the height of most lines."""
    return median(heights) if heights else 0.0


def _height(height: float, usual: float) -> float:
    return usual if abs(height - usual) <= ABOUT * usual else height
