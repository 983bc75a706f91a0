"""Cache of parsed documents on disk, for new chunk sizes, retries and equal uploads.

An entry is one compressed file, complete or absent, and safe to lose. Its key is the blob,
everything that decides the result of parsing (media type, options, suffix of the name, the parsers'
code), and the workspace: how soon a document is ready must not reveal that another workspace has
it. Documents opened by a password are never cached.
"""

import logging
import os
import time
import zlib
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

UNUSED_SECONDS: Final = 30 * 24 * 60 * 60  # Since the last use of an entry.
_PARTIAL_SUFFIX: Final = ".part"
_PARSERS: Final = Path(parsing.__file__).parent
_LIBRARIES: Final = Path(settings.BASE_DIR) / "uv.lock"
_ZLIB_LEVEL: Final = 1  # Shrinks text to a third at the speed of the disk.


@dataclass(frozen=True, slots=True)
class CachedParse:
    """The cache entry for a blob, parsed in one way for one workspace."""

    workspace: UUID
    blob: str
    media_type: str
    name: str
    options: Options

    @classmethod
    def of(cls, document: Document, options: Options) -> "CachedParse":
        """Return the entry of `document`."""
        return cls(
            document.workspace_id, document.blob_id, document.media_type, document.name, options
        )

    @property
    def path(self) -> Path:
        """The file of the entry."""
        # A name without a suffix, such as Makefile, may decide the parser.
        ending = PurePath(self.name).suffix or self.name
        parts = (
            str(self.workspace),
            self.media_type,
            ending.lower(),
            self.options.key,
            _parsers_digest(),
        )
        key = sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:24]
        return _folder(self.blob) / f"{self.blob}.{key}"

    def load(self) -> ParsedDocument | None:
        """Return the cached document; None if there is none or the file is damaged."""
        path = self.path
        try:
            parsed = parsed_from(unpacked(zlib.decompress(path.read_bytes())))
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, zlib.error, ValueError, KeyError, TypeError) as error:
            logger.warning("A cached parsed document is damaged and parsed again: %s", error)
            with suppress(OSError):
                path.unlink()
            return None
        return parsed

    def save(self, parsed: ParsedDocument) -> None:
        """Write the entry; errors of the disk are ignored, since the entry can be made again."""
        path = self.path
        content = zlib.compress(packed(parsed_message(parsed))[LENGTH.size :], _ZLIB_LEVEL)
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(
                dir=path.parent, prefix=f"{self.blob}.", suffix=_PARTIAL_SUFFIX, delete=False
            ) as file:
                try:
                    file.write(content)
                    file.close()
                    os.replace(file.name, path)
                except OSError:
                    Path(file.name).unlink(missing_ok=True)


def forget(blob: str) -> None:
    """Delete the entries of a purged blob."""
    for path in _folder(blob).glob(f"{blob}.*"):
        path.unlink(missing_ok=True)


def purge() -> int:
    """Delete entries without a blob, unused for long, or beyond PARSED_TEXTS_BYTES by least use.

    Returns their number. A worker may have written an entry after its blob was purged.
    """
    before = time.time() - UNUSED_SECONDS
    room = settings.PARSED_TEXTS_BYTES
    count = 0
    files: list[tuple[float, int, Path]] = []
    for path in _root().glob("??/*"):
        with suppress(FileNotFoundError):
            status = path.stat()
            files.append((status.st_mtime, status.st_size, path))
    files.sort(reverse=True)
    names = {_blob_of(path) for _used, _size, path in files}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(%s::text[]) EXCEPT SELECT sha256 FROM ingestion_blob", [list(names)]
        )
        gone = {blob for (blob,) in cursor.fetchall()}
    for used, size, path in files:
        is_over = used < before or _blob_of(path) in gone
        room -= 0 if is_over else size
        if is_over or room < 0:
            path.unlink(missing_ok=True)
            count += 1
    return count


def _blob_of(path: Path) -> str:
    return path.name.partition(".")[0]


def _folder(blob: str) -> Path:
    return _root() / blob[:2]


def _root() -> Path:
    return Path(settings.DATA_DIR) / "parsed"


@cache
def _parsers_digest() -> str:
    """Return a digest of the parsers' code and libraries, which replaces a version number."""
    digest = sha256(_LIBRARIES.read_bytes() if _LIBRARIES.exists() else b"")
    for path in sorted(_PARSERS.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
