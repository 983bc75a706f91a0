"""Pictures as documents and inside documents: PNG, JPEG, multipage TIFF, WebP, BMP, GIF.

Decodes files to pixels under a cap, and makes elements of the text that `engine` recognizes.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ingestion.errors.exceptions import CORRUPT, NO_TEXT, TOO_LARGE, UnreadableDocument
from ingestion.parsing.elements import Element, Parsed
from ingestion.parsing.layout import elements_of
from ingestion.parsing.ocr import engine
from ingestion.parsing.ocr.page_lines import PAGE_WIDTH, page_of
from ingestion.parsing.options import DEFAULT, Options
from ingestion.parsing.progress import PagesRead, Progress
from ingestion.parsing.text.cleaning import title_of

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")
MULTIPAGE_FORMATS = ("TIFF",)  # The frames of other formats are an animation.
MAX_PIXELS = 150_000_000
MIN_SIDE_PIXELS = 24
MIN_AREA_PIXELS = 10_000
BICUBIC = 3  # `PIL.Image.Resampling.BICUBIC`, without its import.


def read_picture(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a picture file of one or more pages."""
    if not options.ocr:
        raise UnreadableDocument(NO_TEXT, "ocr_off")
    pages = []
    with _opened(path) as image:
        count = getattr(image, "n_frames", 1) if image.format in MULTIPAGE_FORMATS else 1
        if count > options.max_pages:
            raise UnreadableDocument(TOO_LARGE, f"pages:{options.max_pages}")
        for number in range(count):
            image.seek(number)
            pages.append(page_of(engine.read_pixels(_pixels(image)), PAGE_WIDTH))
            progress(PagesRead(number + 1, count))
    elements = elements_of(pages)
    if not elements:
        raise UnreadableDocument(NO_TEXT, "nothing_seen")
    return Parsed(tuple(elements), title_of("", elements), count if count > 1 else None)


def read(data: bytes, *, page: int | None = None, options: Options = DEFAULT) -> list[Element]:
    """Return the text in a picture inside a document, all on `page`; [] if there is none.

    Never raises for a picture that is broken, too large, too small or of an unsupported kind
    (drawings, icons), because the document is readable without the picture. Takes a second or more;
    call it once for each distinct picture. Returns [] if the workspace has turned off text in
    pictures.
    """
    if not options.ocr:
        return []
    try:
        with _opened(io.BytesIO(data)) as image:
            if min(image.size) < MIN_SIDE_PIXELS or image.width * image.height < MIN_AREA_PIXELS:
                return []
            pixels = _pixels(image)
    except UnreadableDocument:
        return []
    found = elements_of([page_of(engine.read_pixels(pixels), PAGE_WIDTH)])
    for element in found:
        element.metadata.page_number, element.metadata.coordinates = page, None
    return found


@contextmanager
def _opened(source: Path | io.BytesIO) -> Iterator[Any]:
    """Open a picture, with only its size read so far.

    Raises UnreadableDocument, also inside the `with` block, if it is broken or too large.
    """
    from PIL import Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401 - both register formats

    # Pillow's cap only warns at first; MAX_PIXELS is checked below and for each frame.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(source, formats=FORMATS) as image:
            yield image
    except UnreadableDocument:
        raise
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        zlib.error,
        Image.DecompressionBombError,
    ) as exc:
        raise UnreadableDocument(CORRUPT) from exc


def _pixels(image: Any) -> engine.Pixels:
    """Return the frame of `image` as pixels, turned by its EXIF orientation and scaled down."""
    import numpy
    from PIL import ImageOps

    if image.width * image.height > MAX_PIXELS:
        raise UnreadableDocument(TOO_LARGE, f"pixels:{MAX_PIXELS // 1_000_000}")
    side = max(
        engine.LONG_SIDE_PIXELS,
        int(engine.LONG_SIDE_PIXELS * max(image.size) / min(image.size) / 2),
    )
    image.draft("RGB", (side, side))  # A JPEG can be decoded at a smaller size.
    frame = _on_white(image)
    if max(frame.size) > side:
        frame.thumbnail((side, side), resample=BICUBIC)
    # The EXIF data may be invalid; the picture is still readable.
    with suppress(Exception):
        frame = ImageOps.exif_transpose(frame)
    return numpy.ascontiguousarray(numpy.asarray(frame.convert("RGB"))[:, :, ::-1])


def _on_white(image: Any) -> Any:
    """Return a copy without transparency, in a mode that scales well."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        paper.alpha_composite(clear)
        return paper.convert("RGB")
    if image.mode.startswith(("I", "F")):
        return _of_many_greys(image)
    return image.convert("L") if image.mode == "1" else image.convert("RGB")


def _of_many_greys(image: Any) -> Any:
    """Return a picture of more than 256 greys in 256 greys, from its darkest to its lightest."""
    low, high = image.convert("F").getextrema()
    return (
        image.convert("F")
        .point(lambda value: value * (255 / ((high - low) or 1)) - low * 255 / ((high - low) or 1))
        .convert("L")
    )
