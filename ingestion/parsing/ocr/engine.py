"""Text recognition by RapidOCR: offline, silent, and small enough for a parsing child.

Returns lines of text and their boxes, which `layout` interprets. The wheel of the library contains
models for Chinese and English. The library is loaded for the first picture, because that takes over
a second and 300 MB.
"""

import logging
import math
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

Pixels = Any  # A numpy array of rows, columns, and blue, green, red.
Hook = Callable[[], None]

LONG_SIDE_PIXELS = 2400  # An A4 page at 200 dots per inch.
DETECTION_SIDE_PIXELS = 960
THREAD_COUNT = 1  # A second thread spins while it waits, and costs as much CPU time as it saves.
MIN_SCORE = 0.6
# If most lines are higher than wide by this ratio, the page lies on its side.
TALL_LINE_RATIO = 1.5
ORIENTATION_LINES = 9  # The longest lines, which decide whether a page is upside down.
UPSIDE_DOWN = "180"
MIN_SIDE_PIXELS = 16
# A longer picture is read in strips, because scaling it down would make its letters too small.
MAX_STRIP_RATIO = 3.0
MIN_SLOPE_RADIANS = math.radians(0.3)
MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}


class RecognizedLine(NamedTuple):
    """A recognized line of text, in pixels from the top left of the upright picture."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class RecognizedPicture(NamedTuple):
    """The lines of a picture, made upright by `turns` counterclockwise quarter turns."""

    lines: list[RecognizedLine]
    width: int
    height: int
    turns: int = 0


def _ignore() -> None:
    pass


# Called before each picture is read, so that a child can request more time.
announce: Hook = _ignore


def read_pixels(pixels: Pixels) -> RecognizedPicture:
    """Read the text in `pixels`, in any orientation."""
    announce()
    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE_PIXELS:
        return RecognizedPicture([], width, height)
    if height > MAX_STRIP_RATIO * width:
        return _in_strips(pixels)
    upright, quads, turns = _upright(pixels)
    lines = _recognised(upright, quads)
    return RecognizedPicture(lines, upright.shape[1], upright.shape[0], turns)


def _in_strips(pixels: Pixels) -> RecognizedPicture:
    """Read a very long picture in strips, cut at rows without text."""
    height, width = pixels.shape[:2]
    lines: list[RecognizedLine] = []
    top = 0
    while top < height:
        bottom = _quiet_row(pixels, top + 2 * width)
        reading = read_pixels(pixels[top:bottom])
        if reading.turns == 0:
            for text, left, upper, right, lower in reading.lines:
                lines.append(RecognizedLine(text, left, upper + top, right, lower + top))
        top = bottom
    return RecognizedPicture(lines, width, height)


def _quiet_row(pixels: Pixels, wanted: int) -> int:
    """Return the row with the least contrast, at or shortly above `wanted`."""
    height, width = pixels.shape[:2]
    if wanted + width // 2 >= height:
        return int(height)
    band = pixels[wanted - width // 2 : wanted].max(axis=2)
    busy = band.max(axis=1).astype(int) - band.min(axis=1)
    return int(wanted - width // 2 + len(busy) - 1 - busy[::-1].argmin())


def _upright(pixels: Pixels) -> tuple[Pixels, Sequence[Any], int]:
    """Turn a picture upright; return it, the boxes of its text and the number of quarter turns."""
    import numpy

    turns, quads = 0, _detected(pixels)
    sides = [_sides(quad) for quad in quads]
    wide = sum(width for width, height in sides if width > TALL_LINE_RATIO * height)
    tall = sum(height for width, height in sides if height > TALL_LINE_RATIO * width)
    if tall > 2 * wide:  # The page lies on its side.
        turns, pixels = 1, numpy.ascontiguousarray(numpy.rot90(pixels))
        quads = _detected(pixels)
    if _is_upside_down(pixels, quads):
        turns, pixels = turns + 2, numpy.ascontiguousarray(numpy.rot90(pixels, 2))
        quads = _detected(pixels)
    return pixels, quads, turns


def _detected(pixels: Pixels) -> Sequence[Any]:
    """Return the four corners of each line of text."""
    found = _engine()(pixels, use_det=True, use_cls=False, use_rec=False)
    boxes = getattr(found, "boxes", None)
    return [] if boxes is None else list(boxes)


def _sides(quad: Any) -> tuple[float, float]:
    return math.dist(quad[0], quad[1]), math.dist(quad[0], quad[3])


def _is_upside_down(pixels: Pixels, quads: Sequence[Any]) -> bool:
    """Whether most of the longest lines are upside down; single lines are unreliable."""
    engine = _engine()
    longest = sorted(quads, key=lambda quad: -_sides(quad)[0])[:ORIENTATION_LINES]
    if not longest:
        return False
    crops = engine.crop_text_regions(pixels, longest)
    said = [
        engine(crop, use_det=False, use_cls=True, use_rec=False).cls_res[0][0] for crop in crops
    ]
    return said.count(UPSIDE_DOWN) * 2 > len(said)


def _recognised(pixels: Pixels, quads: Sequence[Any]) -> list[RecognizedLine]:
    engine = _engine()
    slope = _slope(quads)
    lines = []
    for quad in quads:
        found = engine(
            engine.crop_text_regions(pixels, [quad])[0], use_det=False, use_cls=False, use_rec=True
        )
        texts, scores = getattr(found, "txts", None), getattr(found, "scores", None)
        if texts and scores and scores[0] >= MIN_SCORE and texts[0].strip():
            lines.append(_seen(texts[0].strip(), quad, slope))
    return lines


def _slope(quads: Sequence[Any]) -> float:
    """Return the slope of the lines of a skewed page, as a tangent; 0 for a straight page."""
    slopes = sorted(
        (float(quad[1][1] - quad[0][1]) / max(1.0, float(quad[1][0] - quad[0][0])), _sides(quad)[0])
        for quad in quads
        if _sides(quad)[0] > 5 * _sides(quad)[1]
    )
    half = sum(width for _slope, width in slopes) / 2
    for slope, width in slopes:
        half -= width
        if half <= 0:
            return slope if abs(slope) > MIN_SLOPE_RADIANS else 0.0
    return 0.0


def _seen(text: str, quad: Any, slope: float) -> RecognizedLine:
    """Return a line at its place on the straightened page."""
    xs, ys = [float(x) for x, _y in quad], [float(y) for _x, y in quad]
    left, right = min(xs), max(xs)
    if not slope:
        return RecognizedLine(text, left, min(ys), right, max(ys))
    middle = sum(ys) / 4 - slope * (left + right) / 2
    half = _sides(quad)[1] / 2
    return RecognizedLine(text, left, middle - half, right, middle + half)


@cache
def _engine() -> Any:
    os.environ.setdefault("OMP_NUM_THREADS", str(THREAD_COUNT))
    import cv2
    import rapidocr

    cv2.setNumThreads(1)
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    models = Path(rapidocr.__file__).parent / "models"
    settings: dict[str, Any] = {
        f"{part}.model_path": str(models / name) for part, name in MODELS.items()
    }
    settings |= {
        "Global.log_level": "critical",
        "Global.max_side_len": 2 * LONG_SIDE_PIXELS,
        "Det.limit_side_len": DETECTION_SIDE_PIXELS,
        "Det.limit_type": "max",
        "Rec.rec_batch_num": 1,
        "Cls.cls_batch_num": 1,
        "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
        "EngineConfig.onnxruntime.intra_op_num_threads": THREAD_COUNT,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    return rapidocr.RapidOCR(params=settings)
