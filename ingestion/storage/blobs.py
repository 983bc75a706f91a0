"""The bytes of documents on disk: streamed in, stored once by SHA-256, purged when unused.

A file is complete or absent: it is written to a temporary name, synced, then renamed. Storing and
purging take the same lock, so that a purge cannot delete the bytes of a document that is being
added. Names and permissions do not belong here.
"""

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import mkstemp

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from embedded.data_dir.checks import MIN_FREE_MEGABYTES
from ingestion.errors import messages
from ingestion.models import Blob, Document, Version
from ingestion.parsing.archives.unpack import DISK_IS_FULL
from ingestion.storage import parse_cache
from web.exceptions import DiskFull, Refusal
from web.locks import LockSpace, digest_key, lock_one_until_commit

BLOCK_BYTES = 1024 * 1024
SQLSTATE_DISK_FULL = "53100"
# The server needs them to start; documents must not take them.
RESERVED_BYTES = MIN_FREE_MEGABYTES * 2**20
TEMPORARY_FILE_SECONDS = 24 * 60 * 60  # No upload takes that long.
UNUSED_BLOB_AGE = timedelta(minutes=10)
logger = logging.getLogger(__name__)

# One statement, since it is run for every upload.
_KEEP = """
WITH locked AS (SELECT pg_advisory_xact_lock(%s, %s))
INSERT INTO ingestion_blob (sha256, size, created) SELECT %s, %s, statement_timestamp() FROM locked
ON CONFLICT DO NOTHING
"""


class TooLarge(Refusal):
    """More bytes than one document may have; the received part is deleted."""

    code = messages.TOO_LARGE
    status = 413

    def __init__(self) -> None:
        limit = settings.MAX_DOCUMENT_BYTES // 2**20
        super().__init__(
            _("This file exceeds the limit of %(limit)s MB. Split it into smaller files.")
            % {"limit": limit}
        )


@dataclass(frozen=True, slots=True)
class Received:
    """Received bytes in a temporary file, not stored yet."""

    path: Path
    sha256: str
    size: int

    def discard(self) -> None:
        """Delete the temporary file; does nothing once the bytes are stored."""
        self.path.unlink(missing_ok=True)


class Incoming:
    """A file being received: `write` the blocks, then `finish`, or `abandon` after an error."""

    def __init__(self) -> None:
        folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
        with telling_a_full_disk():
            folder.mkdir(parents=True, exist_ok=True)
            keep_room(RESERVED_BYTES)
            descriptor, path = mkstemp(prefix="incoming-", dir=folder)
        self._file = os.fdopen(descriptor, "wb")
        self._path = Path(path)
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, block: bytes) -> None:
        """Write the next bytes; raises `TooLarge` or `DiskFull`."""
        self._size += len(block)
        if self._size > settings.MAX_DOCUMENT_BYTES:
            raise TooLarge
        self._digest.update(block)
        with telling_a_full_disk():
            self._file.write(block)

    def finish(self) -> Received:
        """Sync the file and return the received bytes; raises `DiskFull`."""
        with telling_a_full_disk():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        keep_room(RESERVED_BYTES)
        return Received(self._path, self._digest.hexdigest(), self._size)

    def abandon(self) -> None:
        """Delete the temporary file."""
        with suppress(OSError):  # Closing flushes buffered bytes, which fails again on a full disk.
            self._file.close()
        self._path.unlink(missing_ok=True)


def keep_room(needed: int) -> None:
    """Raise `DiskFull` if fewer than `needed` bytes are free; the database needs some to write."""
    if shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free < needed:
        raise DiskFull


def is_disk_full(error: Exception) -> bool:
    """Whether an error of the database says that its disk is full."""
    return getattr(error.__cause__, "sqlstate", None) == SQLSTATE_DISK_FULL


@contextmanager
def telling_a_full_disk() -> Iterator[None]:
    """Raise `DiskFull` for an OSError of the block that means a full disk."""
    try:
        yield
    except OSError as exc:
        if exc.errno in DISK_IS_FULL:
            raise DiskFull from exc
        raise


def receive(blocks: Iterable[bytes]) -> Received:
    """Receive a stream of bytes; raises `TooLarge` or `DiskFull`."""
    incoming = Incoming()
    try:
        for block in blocks:
            incoming.write(block)
        return incoming.finish()
    except BaseException:
        incoming.abandon()
        raise


def blocks_of(path: Path) -> Iterator[bytes]:
    """Read a file block by block."""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def path_of(sha256: str) -> Path:
    """Return the path of the bytes with this digest."""
    folder: Path = settings.BLOB_DIR
    return folder / sha256[:2] / sha256[2:4] / sha256


def keep(received: Received) -> tuple[Blob, bool]:
    """Store received bytes, replacing the same bytes; return the blob and whether it is new.

    Raises `DiskFull`. Replacing repairs a file that the disk has damaged. Only inside a
    transaction: until its end no other process can store or purge the same bytes.
    """
    with connection.cursor() as cursor:
        key = digest_key(bytes.fromhex(received.sha256[:8]))
        cursor.execute(_KEEP, [int(LockSpace.BLOB), key, received.sha256, received.size])
        is_new = cursor.rowcount == 1
    blob = Blob(sha256=received.sha256, size=received.size)
    if not is_new and not has_size(blob):
        logger.warning(
            "The file %s was damaged or missing and has been replaced.", path_of(blob.sha256)
        )
    place = path_of(received.sha256)
    with telling_a_full_disk():
        place.parent.mkdir(parents=True, exist_ok=True)
        received.path.replace(place)
        # The rename is durable once the folder is synced.
        descriptor = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    if not is_new:
        Blob.objects.filter(pk=blob.sha256, damaged=True).update(
            damaged=False, checked=timezone.now()
        )
    return blob, is_new


def has_size(blob: Blob) -> bool:
    """Whether the file exists with the stored number of bytes."""
    try:
        return path_of(blob.sha256).stat().st_size == blob.size
    except OSError:
        return False


def lock(sha256: str) -> None:
    """Keep other processes from storing or purging these bytes until the transaction ends."""
    lock_one_until_commit(LockSpace.BLOB, bytes.fromhex(sha256[:8]))


def purge_unused() -> int:
    """Delete blobs that no document has; return how many."""
    unused = Blob.objects.filter(
        documents__isnull=True, versions__isnull=True, created__lt=timezone.now() - UNUSED_BLOB_AGE
    )
    return sum(_purge(sha256) for sha256 in unused.values_list("sha256", flat=True).iterator())


@transaction.atomic
def _purge(sha256: str) -> bool:
    lock(sha256)
    if (
        Document.objects.filter(blob=sha256).exists()
        or Version.objects.filter(blob=sha256).exists()
    ):
        return False
    Blob.objects.filter(pk=sha256).delete()
    # Before the commit, under the lock. After a rollback, the row is repaired when the same bytes
    # are added again.
    path_of(sha256).unlink(missing_ok=True)
    parse_cache.forget(sha256)
    return True


def purge_forgotten() -> int:
    """Delete old temporary files, and stored files without a row, both left by a crash.

    Returns their number.
    """
    before = time.time() - TEMPORARY_FILE_SECONDS
    count = 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*"):
        if not _is_older(path, before):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        count += 1
    kept = (
        path
        for path in Path(settings.BLOB_DIR).glob("??/??/*")
        if path.is_file() and _is_older(path, before)
    )
    return count + sum(
        _purge(path.name) for path in kept if not Blob.objects.filter(pk=path.name).exists()
    )


def _is_older(path: Path, before: float) -> bool:
    try:
        return path.lstat().st_mtime < before
    except FileNotFoundError:
        return False
