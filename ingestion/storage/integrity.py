"""Checks that stored bytes still have their digests.

A scheduled check reads the files checked longest ago and marks the rows of damaged ones; the next
upload of the same bytes replaces the file (`blobs.keep`). Damaged bytes are never parsed, so that
wrong text cannot replace right text.
"""

import hashlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from ingestion.errors.exceptions import CORRUPT, UnreadableDocument
from ingestion.models import Blob, Document
from ingestion.storage import blobs

CHECK_INTERVAL = timedelta(days=7)
ORIGINAL = "original"  # The reason of a document that failed because of damaged bytes.
SCHEDULED_SECONDS = 20.0  # In every ten minutes: 1.4 TB a day at 500 MB/s.
logger = logging.getLogger(__name__)


@dataclass
class IntegrityReport:
    """How many files were read, and the digests of the damaged and missing ones."""

    files: int
    damaged: list[str]


def check_oldest(seconds: float = SCHEDULED_SECONDS) -> IntegrityReport:
    """Check the files checked longest ago for about `seconds`, each at most once a week."""
    until, checked = time.monotonic() + seconds, IntegrityReport(0, [])
    due = Q(checked__isnull=True) | Q(checked__lt=timezone.now() - CHECK_INTERVAL)
    oldest = Blob.objects.filter(due).order_by(F("checked").asc(nulls_first=True))
    for sha256 in oldest.values_list("sha256", flat=True).iterator():
        if time.monotonic() > until:
            break
        checked.files += 1
        if not check(sha256):
            checked.damaged.append(sha256)
    return checked


def check(sha256: str) -> bool:
    """Return whether a file has its digest, and write that to its row."""
    is_whole = _is_whole(sha256)
    with transaction.atomic():
        if not is_whole:
            # An upload may have replaced the bytes meanwhile: check again while none can.
            blobs.lock(sha256)
            is_whole = _is_whole(sha256)
        Blob.objects.filter(pk=sha256).update(damaged=not is_whole, checked=timezone.now())
    if not is_whole and Blob.objects.filter(pk=sha256).exists():
        logger.error(
            "The file %s is damaged; add the same document again to repair it.",
            blobs.path_of(sha256),
        )
    return is_whole


def whole_original(document: Document) -> Path:
    """Return the path of the document's bytes.

    For damaged bytes, marks the row and raises `UnreadableDocument`.
    """
    if not _is_whole(document.blob_id) and not check(document.blob_id):
        raise UnreadableDocument(CORRUPT, ORIGINAL)
    return blobs.path_of(document.blob_id)


def _is_whole(sha256: str) -> bool:
    digest = hashlib.sha256()
    try:
        for block in blobs.blocks_of(blobs.path_of(sha256)):
            digest.update(block)
    except OSError:  # Missing, or a bad sector.
        return False
    return digest.hexdigest() == sha256


def of_wrong_size() -> Iterator[str]:
    """Yield the digests whose file is missing or has another size, without reading files."""
    for blob in Blob.objects.iterator():
        if not blobs.has_size(blob):
            yield blob.sha256
