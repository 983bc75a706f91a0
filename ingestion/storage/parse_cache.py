"""Parsed texts kept on disk, so that nothing is parsed twice: not for other sizes of chunks, nor for another try after
a model failed, nor when the same bytes come again.

A file beside the bytes' own, compressed, whole or not there, and safe to lose. It is found by the bytes, by all that
decides how they are read (media type, options, the ending of the name, the very code that reads), and by the workspace:
how soon a document is ready must not tell anybody that another workspace has it. What a password opened is never kept.
"""

import logging
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from ingestion import parsing
from ingestion.models import Document
from ingestion.parsing.options import Options
from ingestion.parsing.parsed import ParsedDocument
from ingestion.parsing.sandbox.protocol import LENGTH, packed, parsed_from, parsed_message, unpacked

logger = logging.getLogger(__name__)

UNUSED_FOR: Final = 30 * 24 * 60 * 60  # Seconds after which nobody is expected to ask again.
_HALF_WRITTEN: Final = ".part"
_CODE: Final = Path(parsing.__file__).parent
_LIBRARIES: Final = Path(settings.BASE_DIR) / "uv.lock"
_QUICK: Final = 1  # zlib's level: text shrinks to a third, at the speed of the disk.


@dataclass(frozen=True, slots=True)
class CachedParse:
    """One way of reading certain bytes, which gives the same text whenever it is gone."""

    workspace: UUID
    blob: str
    media_type: str
    name: str
    options: Options

    @classmethod
    def of(cls, document: Document, options: Options) -> "CachedParse":
        """Return how `document` is read."""
        return cls(document.workspace_id, document.blob_id, document.media_type, document.name, options)

    @property
    def path(self) -> Path:
        """Where its text is kept."""
        ending = PurePath(self.name).suffix or self.name  # A name without an ending may be one that readers know.
        parts = (str(self.workspace), self.media_type, ending.lower(), self.options.key, _code_that_reads())
        key = sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:24]
        return _folder(self.blob) / f"{self.blob}.{key}"

    def load(self) -> ParsedDocument | None:
        """Return the text that is kept; None where there is none, or it cannot be read."""
        path = self.path
        try:
            parsed = parsed_from(unpacked(zlib.decompress(path.read_bytes())))
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, zlib.error, ValueError, KeyError, TypeError) as error:
            logger.warning("A parsed text could not be read and is made anew: %s", error)
            with suppress(OSError):
                path.unlink()
            return None
        return parsed

    def save(self, parsed: ParsedDocument) -> None:
        """Keep the text; trouble with the disk is for those who cannot do without it."""
        path = self.path
        content = zlib.compress(packed(parsed_message(parsed))[LENGTH.size :], _QUICK)
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(
                dir=path.parent, prefix=f"{self.blob}.", suffix=_HALF_WRITTEN, delete=False
            ) as file:
                try:
                    file.write(content)
                    file.close()
                    os.replace(file.name, path)
                except OSError:
                    Path(file.name).unlink(missing_ok=True)


def forget(blob: str) -> None:
    """Delete the texts of bytes that nobody has any more."""
    for path in _folder(blob).glob(f"{blob}.*"):
        path.unlink(missing_ok=True)


def purge() -> int:
    """Delete what nobody may ask for any more, or did in a long time, and the least used of what is too much.

    Returns how many. A reader may have kept a text when the bytes were gone already.
    """
    before = time.time() - UNUSED_FOR
    room = settings.PARSED_TEXTS_BYTES
    count = 0
    files = sorted(_files(), reverse=True)
    gone = _without_bytes({_blob_of(path) for _used, _size, path in files})
    for used, size, path in files:
        is_over = used < before or _blob_of(path) in gone
        room -= 0 if is_over else size
        if is_over or room < 0:
            path.unlink(missing_ok=True)
            count += 1
    return count


def _without_bytes(blobs: set[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(%s::text[]) EXCEPT SELECT sha256 FROM ingestion_blob", [list(blobs)])
        return {blob for (blob,) in cursor.fetchall()}


def _blob_of(path: Path) -> str:
    return path.name.partition(".")[0]


def _files() -> Iterator[tuple[float, int, Path]]:
    for path in _root().glob("??/*"):
        with suppress(FileNotFoundError):
            status = path.stat()
            yield status.st_mtime, status.st_size, path


def _folder(blob: str) -> Path:
    return _root() / blob[:2]


def _root() -> Path:
    return Path(settings.DATA_DIR) / "parsed"


@cache
def _code_that_reads() -> str:
    """Return what changes with every change of the readers or their libraries: nobody has to remember a number."""
    digest = sha256(_LIBRARIES.read_bytes() if _LIBRARIES.exists() else b"")
    for path in sorted(_CODE.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
