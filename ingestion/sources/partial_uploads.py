"""Uploads in parts: a large document comes bit by bit, and goes on where it was after whatever happens.

Each part says where it begins; only one that begins where the last one ended is taken, so a part that is sent twice, or
by two at once, does no harm. The last one makes the document, as an upload in one piece does.
"""

import hashlib
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ingestion.documents.services import Added, Refused, add_documents
from ingestion.documents.versions import OnConflict
from ingestion.file_names import clean_path
from ingestion.models.sources import KEPT_FOR, PartialUpload
from ingestion.storage import blobs
from ingestion.storage.blobs import Received, TooLarge
from web.exceptions import Refusal
from workspaces.models import Workspace

MOST_AT_ONCE = 1000  # Uploads that one person may have begun.


class WrongOffset(Refusal):
    """A part that does not begin where the last one ended."""

    code = "wrong_offset"
    status = 409

    def __init__(self, offset: int) -> None:
        super().__init__(_("The server has %(offset)d bytes of this file; continue from there.") % {"offset": offset})
        self.offset = offset


def begin(
    *, workspace: Workspace, by: User, name: str, size: int, fingerprint: str = "", on_conflict: str = ""
) -> PartialUpload:
    """Return an upload to send parts to: the one that was begun before, where it is the same file."""
    if size > settings.MAX_DOCUMENT_BYTES:
        raise TooLarge
    wanted = {"workspace": workspace, "name": clean_path(name), "size": size, "fingerprint": fingerprint}
    with transaction.atomic():
        # One after the other, or two at once would both find room.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        mine = PartialUpload.objects.filter(owner=by).unfinished()
        if fingerprint and (begun := mine.filter(**wanted).first()):
            begun.on_conflict = on_conflict
            begun.save(update_fields=["on_conflict", "changed"])
            return begun
        _require_room(size, mine.aggregate(bytes=Sum("size"))["bytes"] or 0, mine.count())
        return PartialUpload.objects.create(owner=by, on_conflict=on_conflict, **wanted)


def _require_room(size: int, begun: int, count: int) -> None:
    if begun + size > settings.MAX_UNFINISHED_BYTES or count >= MOST_AT_ONCE:
        sentence = _(
            "Your unfinished uploads exceed the limit of %(limit)s MB. Wait until some finish, or cancel some."
        )
        limit = settings.MAX_UNFINISHED_BYTES // 2**20
        raise Refusal(sentence % {"limit": limit}, code="too_many_uploads", status=409)
    blobs.keep_room(blobs.RESERVED_BYTES + size)


def append(upload: PartialUpload, *, offset: int, part: Iterable[bytes]) -> Added | Refused | None:
    """Take the part that begins at `offset`; return what became of the whole, once that is here. Raises `Refusal`."""
    with transaction.atomic():
        row = _held(upload)
        if offset == row.offset and not is_finished(row):
            row.offset += _written(row, part)
            row.save(update_fields=["offset", "changed"])
        elif offset != row.offset:
            raise WrongOffset(row.offset)
    return _finish(row) if row.offset == row.size else None


def _held(upload: PartialUpload) -> PartialUpload:
    """Return the upload as it is now, and hold it; raises `Http404` when it was cancelled meanwhile."""
    rows = PartialUpload.objects.select_for_update(of=["self"]).select_related("workspace", "owner")
    row = get_object_or_404(rows, pk=upload.pk)
    if not is_finished(row) and _size_of(row.path) < row.offset:
        row.offset = 0  # A crash has taken what there was.
    return row


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def is_finished(upload: PartialUpload) -> bool:
    """Whether it is known what became of it."""
    return upload.document_id is not None or bool(upload.error_code)


def _written(row: PartialUpload, part: Iterable[bytes]) -> int:
    """Write a part behind what is here and make it durable; raises `Refusal` for more than was announced."""
    blobs.keep_room(blobs.RESERVED_BYTES)
    row.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with blobs.telling_a_full_disk(), open(os.open(row.path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.seek(row.offset)
        for block in part:
            if file.tell() + len(block) > row.size:
                raise Refusal(_("The upload exceeds the announced size of %(size)d bytes.") % {"size": row.size})
            file.write(block)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
        return file.tell() - row.offset


@transaction.atomic
def _finish(upload: PartialUpload) -> Added | Refused | None:
    row = _held(upload)
    if is_finished(row) or row.offset < row.size:
        return outcome_of(row)
    more: dict[str, Any] = {"on_conflict": OnConflict(row.on_conflict)} if row.on_conflict else {}
    (outcome,) = add_documents(workspace=row.workspace, offers=[_Whole(row)], by=row.owner, **more)
    if isinstance(outcome, Added):
        row.document, row.is_duplicate = outcome.document, outcome.duplicate
    else:
        row.error_code, row.error_message, row.error_status = outcome.code, outcome.message, outcome.status
    row.save()
    return outcome


@dataclass(frozen=True, slots=True)
class _Whole:
    """An upload of which everything is here."""

    upload: PartialUpload

    @property
    def name(self) -> str:
        """What it is called, with its folders."""
        return self.upload.name

    def received(self) -> Received:
        """Return its bytes."""
        with self.upload.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Received(self.upload.path, digest, self.upload.size)


def outcome_of(upload: PartialUpload) -> Added | Refused | None:
    """Return what became of an upload; None while something of it is still to come."""
    if upload.document is not None:
        return Added(upload.document, upload.is_duplicate)
    if upload.error_code:
        return Refused(upload.name, upload.error_code, upload.error_message, upload.error_status)
    return None


def cancel(upload: PartialUpload) -> None:
    """Forget an upload and what has come of it; a document that it has become stays."""
    with transaction.atomic():
        PartialUpload.objects.select_for_update().filter(pk=upload.pk).first()
        PartialUpload.objects.filter(pk=upload.pk).delete()
        upload.path.unlink(missing_ok=True)


def purge() -> int:
    """Forget uploads of which nothing has come for a day, and files that belong to none; return how many."""
    before = timezone.now() - KEPT_FOR
    count = sum(_forget(upload) for upload in PartialUpload.objects.filter(changed__lt=before).iterator())
    for path in (Path(settings.DATA_DIR) / "uploads").glob("*"):
        with suppress(FileNotFoundError, ValidationError):
            is_old = path.stat().st_mtime < time.time() - KEPT_FOR.total_seconds()
            if is_old and not PartialUpload.objects.filter(pk=path.name).exists():
                path.unlink()
                count += 1
    return count


@transaction.atomic
def _forget(upload: PartialUpload) -> bool:
    expired = PartialUpload.objects.filter(pk=upload.pk, changed__lt=timezone.now() - KEPT_FOR)
    if not expired.delete()[0]:
        return False  # More of it has come meanwhile.
    upload.path.unlink(missing_ok=True)
    return True
