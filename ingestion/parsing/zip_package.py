"""Zipped documents (Office, OpenDocument, EPUB) opened so that a bomb cannot go off.

The directory of the archive is measured before it is read, everything inflated is counted, and nothing is ever written
to disk. What the parts mean belongs to the readers; the XML in them is parsed by `markup.safe_xml`.
"""

import struct
import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from ingestion.errors.exceptions import CORRUPT, TOO_LARGE, UnreadableDocument

LARGEST_DIRECTORY = 4 * 1024 * 1024
LARGEST_INFLATED = 256 * 1024 * 1024
END_OF_DIRECTORY = b"PK\x05\x06"
LONGEST_COMMENT = 65_535
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError)


class Package:
    """A zipped document open for reading, with a budget for what comes out of it."""

    def __init__(self, source: Path | IO[bytes], budget: int = LARGEST_INFLATED) -> None:
        """Open `source`.

        Raises UnreadableDocument when it is no archive, or one whose directory alone is absurd.
        """
        refuse_huge_directory(source)
        try:
            self._archive = zipfile.ZipFile(source)
        except BROKEN as exc:
            raise UnreadableDocument(CORRUPT) from exc
        self.names = frozenset(self._archive.namelist())
        self._budget = budget

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The bytes of one part, at most `limit` of them if given; what is read counts against the budget."""
        allowed = self._budget + 1 if limit is None else min(limit, self._budget + 1)
        try:
            with self._archive.open(name) as part:
                data = part.read(allowed)
        except BROKEN as exc:
            raise UnreadableDocument(CORRUPT) from exc
        self._budget -= len(data)
        if self._budget < 0:
            raise UnreadableDocument(TOO_LARGE, "inflated")
        return data


def refuse_huge_directory(source: Path | IO[bytes]) -> None:
    """Raise UnreadableDocument if the archive's directory would fill the memory once it is read."""
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
        size = _size_in_zip64(tail, at)
    if size > LARGEST_DIRECTORY:
        raise UnreadableDocument(TOO_LARGE, "inflated")


def _tail(file: IO[bytes]) -> bytes:
    end = file.seek(0, 2)
    file.seek(max(0, end - LONGEST_COMMENT - 200))
    return file.read()


def _size_in_zip64(tail: bytes, at: int) -> int:
    record = tail.rfind(b"PK\x06\x06", 0, at)
    if record < 0 or len(tail) < record + 48:
        raise UnreadableDocument(CORRUPT)
    (size,) = struct.unpack_from("<Q", tail, record + 40)
    return int(size)
