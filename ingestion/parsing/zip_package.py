"""Zipped documents (Office, OpenDocument, EPUB), opened under limits against ZIP bombs.

The size of the directory is checked before it is read, inflated bytes count against a budget, and
nothing is written to disk. Readers interpret the parts; `markup.safe_xml` parses the XML in them.
"""

import struct
import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from ingestion.errors.exceptions import CORRUPT, TOO_LARGE, UnreadableDocument

MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
MAX_INFLATED_BYTES = 256 * 1024 * 1024
END_OF_DIRECTORY = b"PK\x05\x06"
MAX_COMMENT_BYTES = 65_535
ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


class Package:
    """A zipped document open for reading, with a budget of inflated bytes."""

    def __init__(self, source: Path | IO[bytes], budget: int = MAX_INFLATED_BYTES) -> None:
        """Open `source`; raises UnreadableDocument if it is no archive or has a huge directory."""
        refuse_huge_directory(source)
        try:
            self._archive = zipfile.ZipFile(source)
        except ARCHIVE_ERRORS as exc:
            raise UnreadableDocument(CORRUPT) from exc
        self.names = frozenset(self._archive.namelist())
        self._budget = budget

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The bytes of one part, at most `limit`; they count against the budget."""
        allowed = self._budget + 1 if limit is None else min(limit, self._budget + 1)
        try:
            with self._archive.open(name) as part:
                data = part.read(allowed)
        except ARCHIVE_ERRORS as exc:
            raise UnreadableDocument(CORRUPT) from exc
        self._budget -= len(data)
        if self._budget < 0:
            raise UnreadableDocument(TOO_LARGE, "inflated")
        return data


def refuse_huge_directory(source: Path | IO[bytes]) -> None:
    """Raise UnreadableDocument if reading the directory of the archive would fill the memory."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            tail = _tail(file)
    else:
        tail = _tail(source)
        source.seek(0)
    at = tail.rfind(END_OF_DIRECTORY)
    if at < 0 or len(tail) < at + 22:
        raise UnreadableDocument(CORRUPT)
    (size,) = struct.unpack_from("<L", tail, at + 12)
    if size == 0xFFFFFFFF or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        record = tail.rfind(b"PK\x06\x06", 0, at)  # ZIP64 has a second end record.
        if record < 0 or len(tail) < record + 48:
            raise UnreadableDocument(CORRUPT)
        (size,) = struct.unpack_from("<Q", tail, record + 40)
    if size > MAX_DIRECTORY_BYTES:
        raise UnreadableDocument(TOO_LARGE, "inflated")


def _tail(file: IO[bytes]) -> bytes:
    end = file.seek(0, 2)
    file.seek(max(0, end - MAX_COMMENT_BYTES - 200))  # The end record stands before the comment.
    return file.read()
