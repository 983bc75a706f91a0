"""Follows watched folders: adds new files, versions changed ones and renames moved ones.

Documents of missing files are deleted after WATCH_GRACE_HOURS. A missing share deletes nothing: a
folder that is unreadable, or has become empty, only gets an error. Files are
read once they have been unchanged for REST_SECONDS. One process at a time scans a folder, for
SCAN_SECONDS; the next scan continues. The row of a file holds its last scan and is written in the
transaction that acts on it.
"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from embedded.health.heartbeat import stopping
from ingestion.documents import services
from ingestion.documents.services import Added, Refused
from ingestion.documents.versions import OnConflict
from ingestion.errors.exceptions import UnreadableDocument
from ingestion.errors.fetching import (
    FILE_FAILED,
    FILE_TOO_LARGE,
    FILE_UNREADABLE,
    FOLDER_EMPTY,
    FOLDER_IN_PART,
    FOLDER_MISSING,
    FOLDER_NOT_ALLOWED,
)
from ingestion.file_names import clean_path
from ingestion.models import Document
from ingestion.models.sources import WatchedFile, WatchedFolder
from ingestion.parsing import detect_media_type
from ingestion.sources.folders import services as folders
from ingestion.sources.folders.offers import Taken
from ingestion.sources.folders.scan import (
    ScannedFile,
    files_below,
    is_as_found,
    opened_file,
    opened_folder,
)
from ingestion.sources.folders.watch_roots import root_of
from ingestion.storage import blobs
from ingestion.storage.blobs import Received
from web.exceptions import DiskFull, Refusal
from web.locks import JobLock, try_lock

REST_SECONDS = 10.0  # A program may still write a file changed more recently.
SCAN_SECONDS = 30.0  # Per folder and run.
BLOCK_BYTES = 1024 * 1024
UNREAD_SIZE = -1  # The size of a file that could not be read, so that every scan retries the file.

logger = logging.getLogger(__name__)


def follow_due() -> int:
    """Scan the folders that are due, in turn, until none is due; return the number of scans."""
    count = 0
    while (
        not stopping.is_set()
        and (folder := folders.due().select_related("workspace").first()) is not None
    ):
        look_through(folder)
        count += 1
    return count


def look_through(folder: WatchedFolder) -> None:
    """Scan one folder unless another process does; an error ends in its row."""
    with try_lock(JobLock.WATCHED_FOLDER | folder.pk.int & 0xFFFFFFFF) as is_held:
        again = timezone.now() + timedelta(seconds=settings.WATCH_SECONDS)
        WatchedFolder.objects.filter(pk=folder.pk).update(due=again)
        if is_held:
            code, is_done = _looked_through(folder)
            now = timezone.now()
            WatchedFolder.objects.filter(pk=folder.pk).update(
                error_code=code, scanned=now, due=again if is_done else now
            )


def _looked_through(folder: WatchedFolder) -> tuple[str, bool]:
    """Return the error of the folder, "" for none, and whether the scan is complete."""
    root = root_of(folder.workspace, Path(folder.path))
    if root is None:
        return FOLDER_NOT_ALLOWED, True
    try:
        with opened_folder(root, Path(folder.path)) as descriptor:
            return _followed(folder, descriptor)
    except DiskFull as exc:
        return exc.code, True
    except OSError:
        return FOLDER_MISSING, True


def _followed(folder: WatchedFolder, descriptor: int) -> tuple[str, bool]:
    troubles: list[OSError] = []
    found = {file.key: file for file in files_below(descriptor, troubles.append)}
    known = {file.path: file for file in folder.files.all()}
    if known and not found:
        return FOLDER_EMPTY, True
    missing = [file for path, file in known.items() if path not in found] if not troubles else []
    until = time.monotonic() + SCAN_SECONDS
    gone = _Gone(missing)
    for path in _waiting(found, known):
        if time.monotonic() > until or stopping.is_set():
            return "", False
        _see_to(folder, descriptor, found[path], known.get(path), gone)
    _follow_missing(
        [file for file in missing if file.pk not in gone.moved],
        [known[p] for p in known if p in found],
    )
    return FOLDER_IN_PART if troubles else "", True


def _waiting(found: dict[str, ScannedFile], known: dict[str, WatchedFile]) -> Iterator[str]:
    """Yield the files that are new or changed since the last scan, and at rest."""
    now = time.time()
    for path, file in found.items():
        row = known.get(path)
        if row is not None and (row.size, row.modified) == (file.size, file.modified):
            continue
        if abs(now - file.modified / 1e9) >= REST_SECONDS:
            yield path


class _Gone:
    """Missing files by their bytes, to find those that were moved."""

    def __init__(self, missing: list[WatchedFile]) -> None:
        self._by_bytes = {file.sha256: file for file in missing if file.sha256}
        self.moved: set[int] = set()

    def take(self, sha256: str) -> WatchedFile | None:
        """Return the file that had these bytes, once."""
        file = self._by_bytes.pop(sha256, None)
        if file is not None:
            self.moved.add(file.pk)
        return file


def _see_to(
    folder: WatchedFolder, descriptor: int, found: ScannedFile, row: WatchedFile | None, gone: _Gone
) -> None:
    """Add one file; an error of this file ends in its row, and the scan goes on."""
    had_failed = row is not None and row.error_code == FILE_FAILED
    try:
        _take(folder, descriptor, found, row, gone)
    except (DiskFull, OperationalError, InterfaceError):
        raise
    except Exception:  # The edge: an error of one file must not end the scan.
        (logger.debug if had_failed else logger.error)(
            "“%s” could not be followed.", found.key, exc_info=True
        )
        about: dict[str, Any] = {
            "size": UNREAD_SIZE,
            "modified": found.modified,
            "missing_since": None,
        }
        about |= {"error_code": FILE_FAILED, "error_details": {}}
        WatchedFile.objects.update_or_create(folder=folder, path=found.key, defaults=about)


def _take(
    folder: WatchedFolder, descriptor: int, found: ScannedFile, row: WatchedFile | None, gone: _Gone
) -> None:
    """Add one new or changed file as a document, or write the reason to its row."""
    row = row or WatchedFile(folder=folder, path=found.key)
    row.size, row.modified, row.missing_since = found.size, found.modified, None
    row.error_code, row.error_details = "", {}
    if found.size > settings.MAX_DOCUMENT_BYTES:
        return _refuse(row, FILE_TOO_LARGE, {"limit": settings.MAX_DOCUMENT_BYTES // 2**20})
    try:
        received = _received(descriptor, found)
    except DiskFull:
        raise
    except (OSError, Refusal) as exc:
        row.size = UNREAD_SIZE
        return _refuse(row, FILE_UNREADABLE, {"reason": getattr(exc, "strerror", "") or str(exc)})
    if received is not None:
        try:
            _place(folder, row, received, gone)
        finally:
            received.discard()
    return None


def _received(folder: int, found: ScannedFile) -> Received | None:
    """Return a copy of a file's bytes; None if it changed during the copy."""
    with opened_file(folder, found) as descriptor:
        received = blobs.receive(iter(partial(os.read, descriptor, BLOCK_BYTES), b""))
        if is_as_found(descriptor, found):
            return received
    received.discard()
    return None


@transaction.atomic
def _place(folder: WatchedFolder, row: WatchedFile, received: Received, gone: _Gone) -> None:
    """Add, rename or leave the document of a received file, and write the file's row."""
    if row.sha256 == received.sha256:
        row.save()
    elif row.pk is None and (before := gone.take(received.sha256)) is not None:
        _move(folder, row, before)
    else:
        row.sha256 = received.sha256
        _add(folder, row, received)


def _move(folder: WatchedFolder, row: WatchedFile, before: WatchedFile) -> None:
    document = before.document
    before.path, before.size, before.modified, before.missing_since = (
        row.path,
        row.size,
        row.modified,
        None,
    )
    before.save()
    if document is not None:
        with suppress(Refusal):  # The new name has the same bytes: keep the old one.
            services.rename_document(document, name=name_of(folder, row.path))


def _add(folder: WatchedFolder, row: WatchedFile, received: Received) -> None:
    name = row.document.name if row.document else name_of(folder, row.path)
    try:
        detect_media_type(received.path, name)
    except UnreadableDocument as exc:
        return _refuse(row, exc.code, {"reason": exc.reason})
    (outcome,) = services.add_documents(
        workspace=folder.workspace,
        offers=[Taken(name, received)],
        by=None,
        on_conflict=OnConflict.VERSION,
    )
    if isinstance(outcome, Refused) and outcome.code == DiskFull.code:
        raise DiskFull
    if isinstance(outcome, Refused):
        return _refuse(row, outcome.code, {})
    if isinstance(outcome, Added) and not outcome.duplicate:
        # A document added by a user stays when the file is deleted.
        row.document = outcome.document
    row.save()
    return None


def _refuse(row: WatchedFile, code: str, details: dict[str, Any]) -> None:
    row.error_code, row.error_details = code, details
    row.save()


def name_of(folder: WatchedFolder, path: str) -> str:
    """Return the name of a file's document."""
    return clean_path(f"{folder.label}/{path}")


def _follow_missing(missing: list[WatchedFile], here: list[WatchedFile]) -> None:
    """Record missing and returned files; delete documents of files missing too long."""
    now = timezone.now()
    WatchedFile.objects.filter(
        pk__in=[file.pk for file in here], missing_since__isnull=False
    ).update(missing_since=None)
    WatchedFile.objects.filter(pk__in=[file.pk for file in missing], missing_since=None).update(
        missing_since=now
    )
    before = now - timedelta(hours=settings.WATCH_GRACE_HOURS)
    for file in missing:
        if file.missing_since is not None and file.missing_since <= before:
            _delete(file)


@transaction.atomic
def _delete(file: WatchedFile) -> None:
    """Delete a file and its document, unless the document has newer bytes from elsewhere."""
    its_own = Document.objects.filter(blob=file.sha256)
    if file.document_id and (document := its_own.filter(pk=file.document_id).first()):
        services.delete_document(document, by=None)
    file.delete()
