"""Whether the bytes of documents still have the digests that they were kept under.

Disks lose and change bytes. A check reads each file now and then, the one checked longest ago first, and marks its row;
the next upload of the same bytes replaces the file (`blobs.keep`). Damaged bytes are never parsed: what they would say
must not take the place of what the document says.
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

CHECK_AGAIN_AFTER = timedelta(days=7)
ORIGINAL = "original"  # The reason of a document that failed by this.
SCHEDULED_SECONDS = 20.0  # Of every ten minutes; at 500 MB/s that is 1.4 TB a day.
logger = logging.getLogger(__name__)


@dataclass
class Checked:
    """How many files were read, and the digests of those that are damaged or gone."""

    files: int
    damaged: list[str]


def check_oldest(seconds: float = SCHEDULED_SECONDS) -> Checked:
    """Check the files that were checked longest ago, for about so many seconds; none twice within a week."""
    until, checked = time.monotonic() + seconds, Checked(0, [])
    due = Q(checked__isnull=True) | Q(checked__lt=timezone.now() - CHECK_AGAIN_AFTER)
    oldest = Blob.objects.filter(due).order_by(F("checked").asc(nulls_first=True))
    for sha256 in oldest.values_list("sha256", flat=True).iterator():
        if time.monotonic() > until:
            break
        checked.files += 1
        if not check(sha256):
            checked.damaged.append(sha256)
    return checked


def check(sha256: str) -> bool:
    """Read a file, note in its row whether the bytes are those of its digest, and return that."""
    is_whole = _is_whole(sha256)
    with transaction.atomic():
        if not is_whole:
            # Once more, while no upload can replace the bytes: one may have done so in the meantime.
            blobs.lock(sha256)
            is_whole = _is_whole(sha256)
        Blob.objects.filter(pk=sha256).update(damaged=not is_whole, checked=timezone.now())
    if not is_whole and Blob.objects.filter(pk=sha256).exists():
        logger.error("The file %s is damaged; add the same document again to repair it.", blobs.path_of(sha256))
    return is_whole


def whole_original(document: Document) -> Path:
    """Return the path of the document's bytes; raises `UnreadableDocument` and marks the row if they are damaged."""
    if not _is_whole(document.blob_id) and not check(document.blob_id):
        raise UnreadableDocument(CORRUPT, ORIGINAL)
    return blobs.path_of(document.blob_id)


def _is_whole(sha256: str) -> bool:
    digest = hashlib.sha256()
    try:
        for block in blobs.blocks_of(blobs.path_of(sha256)):
            digest.update(block)
    except OSError:  # Gone, or a sector that cannot be read.
        return False
    return digest.hexdigest() == sha256


def of_wrong_size() -> Iterator[str]:
    """Return the digests whose file is missing or has another size than was kept, without reading any."""
    for blob in Blob.objects.iterator():
        if not blobs.has_size(blob):
            yield blob.sha256
