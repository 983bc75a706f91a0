"""The bytes of documents on disk: taken in as a stream, kept once under their SHA-256, purged when nobody has them.

A file is whole or not there: it is written beside its place, made durable, then moved. Keeping and purging take the
same lock, so that bytes cannot vanish under a document that arrives at that moment. What a document is called or who
may read it does not belong here.
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

from embedded.data_dir.checks import FREE_MEGABYTES
from ingestion.errors import messages
from ingestion.models import Blob, Document, Version
from ingestion.parsing.archives.unpack import DISK_IS_FULL
from ingestion.storage import parse_cache
from web.exceptions import DiskFull, Refusal
from web.locks import LockSpace, digest_key, lock_one_until_commit

BLOCK = 1024 * 1024
SQLSTATE_DISK_FULL = "53100"
RESERVE = FREE_MEGABYTES * 2**20  # What the server asks for to start; documents must not take it.
FORGOTTEN_AFTER = 24 * 60 * 60  # Seconds; no upload takes that long.
UNUSED_FOR = timedelta(minutes=10)
logger = logging.getLogger(__name__)

# One statement, since it is run for every upload.
KEEP = """
WITH locked AS (SELECT pg_advisory_xact_lock(%s, %s))
INSERT INTO ingestion_blob (sha256, size, created) SELECT %s, %s, statement_timestamp() FROM locked
ON CONFLICT DO NOTHING
"""


class TooLarge(Refusal):
    """More bytes came than one document may have; nothing of them is left behind."""

    code = messages.TOO_LARGE
    status = 413

    def __init__(self) -> None:
        limit = settings.MAX_DOCUMENT_BYTES // 2**20
        super().__init__(
            _("This file exceeds the limit of %(limit)s MB. Split it into smaller files.") % {"limit": limit}
        )


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that have arrived in a file of their own and are not kept yet."""

    path: Path
    sha256: str
    size: int

    def discard(self) -> None:
        """Throw the bytes away; does nothing once they have been kept."""
        self.path.unlink(missing_ok=True)


class Incoming:
    """A file being received: write the blocks as they come, then `finish`, or `abandon` it after any trouble."""

    def __init__(self) -> None:
        folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
        with telling_a_full_disk():
            folder.mkdir(parents=True, exist_ok=True)
            keep_room(RESERVE)
            descriptor, path = mkstemp(prefix="incoming-", dir=folder)
        self._file = os.fdopen(descriptor, "wb")
        self._path = Path(path)
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, block: bytes) -> None:
        """Take the next bytes; raises `TooLarge` or `DiskFull`."""
        self._size += len(block)
        if self._size > settings.MAX_DOCUMENT_BYTES:
            raise TooLarge
        self._digest.update(block)
        with telling_a_full_disk():
            self._file.write(block)

    def finish(self) -> Received:
        """Make the bytes durable; raises `DiskFull`."""
        with telling_a_full_disk():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        keep_room(RESERVE)
        return Received(self._path, self._digest.hexdigest(), self._size)

    def abandon(self) -> None:
        """Throw away what has come."""
        with suppress(OSError):  # What could not be written is still waiting to be, and cannot be this time either.
            self._file.close()
        self._path.unlink(missing_ok=True)


def keep_room(needed: int) -> None:
    """Raise `DiskFull` when fewer than `needed` bytes are free: a database that cannot write stops for everybody."""
    if shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free < needed:
        raise DiskFull


def is_disk_full(error: Exception) -> bool:
    """Whether an error of the database says that its disk is full."""
    return getattr(error.__cause__, "sqlstate", None) == SQLSTATE_DISK_FULL


@contextmanager
def telling_a_full_disk() -> Iterator[None]:
    """Raise `DiskFull` where the block finds no room to write."""
    try:
        yield
    except OSError as exc:
        if exc.errno in DISK_IS_FULL:
            raise DiskFull from exc
        raise


def receive(blocks: Iterable[bytes]) -> Received:
    """Take in a stream of bytes; raises `TooLarge` or `DiskFull`."""
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
        while block := file.read(BLOCK):
            yield block


def path_of(sha256: str) -> Path:
    """Return where the bytes with this digest lie."""
    folder: Path = settings.BLOB_DIR
    return folder / sha256[:2] / sha256[2:4] / sha256


def keep(received: Received) -> tuple[Blob, bool]:
    """Keep received bytes, in place of those that are here already; return also whether they are new.

    Replacing repairs a file that the disk has damaged, whether or not a check has found it. Only inside a transaction:
    until it ends no other process can keep or throw away the same bytes. Raises `DiskFull`.
    """
    with connection.cursor() as cursor:
        key = digest_key(bytes.fromhex(received.sha256[:8]))
        cursor.execute(KEEP, [int(LockSpace.BLOB), key, received.sha256, received.size])
        is_new = cursor.rowcount == 1
    blob = Blob(sha256=received.sha256, size=received.size)
    if not is_new and not has_size(blob):
        logger.warning("The file %s was damaged or missing and has been replaced.", path_of(blob.sha256))
    place = path_of(received.sha256)
    with telling_a_full_disk():
        place.parent.mkdir(parents=True, exist_ok=True)
        received.path.replace(place)
        _sync_folder(place.parent)
    if not is_new:
        Blob.objects.filter(pk=blob.sha256, damaged=True).update(damaged=False, checked=timezone.now())
    return blob, is_new


def has_size(blob: Blob) -> bool:
    """Whether the file is there with as many bytes as were kept."""
    try:
        return path_of(blob.sha256).stat().st_size == blob.size
    except OSError:
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(sha256: str) -> None:
    """Keep other processes from keeping or throwing away these bytes until the transaction ends."""
    lock_one_until_commit(LockSpace.BLOB, bytes.fromhex(sha256[:8]))


def purge_unused() -> int:
    """Throw away the bytes that no document has, and return how many there were."""
    lonely = Blob.objects.filter(documents__isnull=True, versions__isnull=True, created__lt=timezone.now() - UNUSED_FOR)
    return sum(_purge(sha256) for sha256 in lonely.values_list("sha256", flat=True).iterator())


@transaction.atomic
def _purge(sha256: str) -> bool:
    lock(sha256)
    if Document.objects.filter(blob=sha256).exists() or Version.objects.filter(blob=sha256).exists():
        return False
    Blob.objects.filter(pk=sha256).delete()
    # Before the commit, while the lock is ours: a row without its file is made whole when the bytes come again.
    path_of(sha256).unlink(missing_ok=True)
    parse_cache.forget(sha256)
    return True


def purge_forgotten() -> int:
    """Delete what a crash left behind: whatever is temporary, and kept files without a row. Return how many."""
    before = time.time() - FORGOTTEN_AFTER
    count = 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*"):
        if _is_older(path, before):
            _delete(path)
            count += 1
    kept = (path for path in Path(settings.BLOB_DIR).glob("??/??/*") if path.is_file() and _is_older(path, before))
    return count + sum(_purge(path.name) for path in kept if not Blob.objects.filter(pk=path.name).exists())


def _is_older(path: Path, before: float) -> bool:
    try:
        return path.lstat().st_mtime < before
    except FileNotFoundError:
        return False


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
