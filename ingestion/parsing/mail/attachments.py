"""Attachments of messages: each is read by the reader of its format, under a heading with its name.

An attachment that cannot be read is only named, so that the message is not lost. Attachments of
attachments are read down to a depth; archives are not unpacked.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing.elements import Element, ListItem, Title, level_of, make_element
from ingestion.parsing.options import Options
from ingestion.parsing.text.characters import one_line

MAX_ATTACHMENT_DEPTH = 3
MAX_HEADING_LEVEL = 6
_depth: ContextVar[int] = ContextVar("_depth", default=0)


def attachment_elements(name: str, data: bytes, level: int, options: Options) -> Iterator[Element]:
    """The elements of one attachment below a heading of `level`; only its name if unreadable."""
    name = one_line(name)
    found = _read(name, data, options) if data and _depth.get() < MAX_ATTACHMENT_DEPTH else []
    if found:
        yield make_element(Title, name, level=level)
        for element in found:  # Levels go below the heading; pages are not those of the message.
            element.metadata.page_number = element.metadata.coordinates = None
            if isinstance(element, Title):
                element.metadata.category_depth = (
                    min(level + (level_of(element) or 1), MAX_HEADING_LEVEL) - 1
                )
            yield element
    elif name:
        yield make_element(ListItem, name)


def _read(name: str, data: bytes, options: Options) -> tuple[Element, ...] | list[Element]:
    # Inside, because the package chooses among readers of which this is one.
    from ingestion.parsing import detect_media_type, parse

    with tempfile.TemporaryDirectory(prefix="attachment-") as folder, _deeper():
        path = Path(folder) / "attachment"
        try:
            path.write_bytes(data)
            return parse(path, detect_media_type(path, name), name=name, options=options).elements
        except (UnreadableDocument, OSError):
            return []


@contextmanager
def _deeper() -> Iterator[None]:
    token = _depth.set(_depth.get() + 1)
    try:
        yield
    finally:
        _depth.reset(token)
