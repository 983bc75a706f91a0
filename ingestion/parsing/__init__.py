"""From the bytes of a document to its elements.

`detect_media_type` says what a file is, `parse` reads it in this process, and `children.ParserPool` reads it in another
one, under limits: that is what everything outside uses. Pure Python, no models, no settings. Each reader is imported
when its kind of document first comes, so that a text never waits for the office libraries.
"""

import errno
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.exceptions import CORRUPT, EMPTY, NO_TEXT, TOO_LARGE, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.formats import ARCHIVES, ARTICLE, CSV, FORMATS, PREPARED, TEXT
from ingestion.parsing.media_types import detect_media_type
from ingestion.parsing.options import DEFAULT, Options
from ingestion.parsing.progress import Progress, no_progress

if TYPE_CHECKING:
    from ingestion.parsing.elements import Parsed

__all__ = ["Options", "detect_media_type", "parse"]

READERS = {
    **{each.media_type: each.reader for each in FORMATS if each.reader},
    ARTICLE: "articles.read_article",
    PREPARED: "structured.read_prepared",
}


def parse(
    path: Path,
    media_type: str,
    *,
    name: str,
    password: str | None = None,
    progress: Progress = no_progress,
    options: Options = DEFAULT,
) -> "Parsed":
    """Read the document at `path`, in this process and without limits.

    Raises UnreadableDocument whatever goes wrong: what a library says of somebody's broken file helps nobody.
    """
    reader = _reader(media_type)
    try:
        parsed = reader(path, name=name, password=password, progress=progress, options=options)
    except UnreadableDocument:
        raise
    except MemoryError as exc:
        raise UnreadableDocument(TOO_LARGE) from exc
    except Exception as exc:
        wrote_too_much = isinstance(exc, OSError) and exc.errno == errno.EFBIG
        raise UnreadableDocument(TOO_LARGE if wrote_too_much else CORRUPT) from exc
    if not parsed.elements:
        raise UnreadableDocument(NO_TEXT if media_type not in (TEXT, CSV) else EMPTY)
    return parsed


def _reader(media_type: str) -> Callable[..., "Parsed"]:
    if media_type not in READERS:
        raise UnreadableDocument(UNSUPPORTED, "archive" if media_type in ARCHIVES else "")
    module, function = READERS[media_type].split(".")
    reader: Callable[..., Parsed] = getattr(import_module(f"ingestion.parsing.{module}"), function)
    return reader
