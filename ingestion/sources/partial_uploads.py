"""Uploads in parts: a large document is sent piece by piece; an interruption can be resumed.

Each part has an offset and is accepted only at the end of the bytes received, so that a repeated
part does no harm. The last part adds the document, as an upload in one request does.
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

MAX_UNFINISHED_UPLOADS = 1000  # Per user.


class WrongOffset(Refusal):
    """A part that does not begin at the end of the bytes received."""

    code = "wrong_offset"
    status = 409

    def __init__(self, offset: int) -> None:
        super().__init__(
            _("The server has %(offset)d bytes of this file; continue from there.")
            % {"offset": offset}
        )
        self.offset = offset


def begin(
    *,
    workspace: Workspace,
    by: User,
    name: str,
    size: int,
    fingerprint: str = "",
    on_conflict: str = "",
) -> PartialUpload:
    """Return a new upload, or the unfinished one of the same file."""
    if size > settings.MAX_DOCUMENT_BYTES:
        raise TooLarge
    wanted = {
        "workspace": workspace,
        "name": clean_path(name),
        "size": size,
        "fingerprint": fingerprint,
    }
    with transaction.atomic():
        # Locks the user, so that two concurrent uploads cannot both pass the limit.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        mine = PartialUpload.objects.filter(owner=by).unfinished()
        if fingerprint and (begun := mine.filter(**wanted).first()):
            begun.on_conflict = on_conflict
            begun.save(update_fields=["on_conflict", "changed"])
            return begun
        begun_bytes = mine.aggregate(bytes=Sum("size"))["bytes"] or 0
        if (
            begun_bytes + size > settings.MAX_UNFINISHED_BYTES
            or mine.count() >= MAX_UNFINISHED_UPLOADS
        ):
            sentence = _(
                "Your unfinished uploads exceed the limit of %(limit)s MB. Wait until some finish, or cancel some."
            )
            limit = settings.MAX_UNFINISHED_BYTES // 2**20
            raise Refusal(sentence % {"limit": limit}, code="too_many_uploads", status=409)
        blobs.keep_room(blobs.RESERVED_BYTES + size)
        return PartialUpload.objects.create(owner=by, on_conflict=on_conflict, **wanted)


def append(upload: PartialUpload, *, offset: int, part: Iterable[bytes]) -> Added | Refused | None:
    """Write the part at `offset`; return the outcome after the last part. Raises `Refusal`."""
    with transaction.atomic():
        row = _held(upload)
        if offset == row.offset and not is_finished(row):
            row.offset += _written(row, part)
            row.save(update_fields=["offset", "changed"])
        elif offset != row.offset:
            raise WrongOffset(row.offset)
    return _finish(row) if row.offset == row.size else None


def _held(upload: PartialUpload) -> PartialUpload:
    """Lock and return the upload's row; raises `Http404` if it was cancelled meanwhile."""
    rows = PartialUpload.objects.select_for_update(of=["self"]).select_related("workspace", "owner")
    row = get_object_or_404(rows, pk=upload.pk)
    if not is_finished(row) and (row.path.stat().st_size if row.path.exists() else 0) < row.offset:
        row.offset = 0  # A crash has lost bytes of the file.
    return row


def is_finished(upload: PartialUpload) -> bool:
    """Whether the upload has an outcome."""
    return upload.document_id is not None or bool(upload.error_code)


def _written(row: PartialUpload, part: Iterable[bytes]) -> int:
    """Append a part and sync the file; return its size. Raises `Refusal` if it grows too large."""
    blobs.keep_room(blobs.RESERVED_BYTES)
    row.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        blobs.telling_a_full_disk(),
        open(os.open(row.path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file,
    ):
        file.seek(row.offset)
        for block in part:
            if file.tell() + len(block) > row.size:
                raise Refusal(
                    _("The upload exceeds the announced size of %(size)d bytes.")
                    % {"size": row.size}
                )
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
        row.error_code, row.error_message, row.error_status = (
            outcome.code,
            outcome.message,
            outcome.status,
        )
    row.save()
    return outcome


@dataclass(frozen=True, slots=True)
class _Whole:
    """An upload with all its bytes, as an offer for `add_documents()`."""

    upload: PartialUpload

    @property
    def name(self) -> str:
        """The name of the upload, with folders."""
        return self.upload.name

    def received(self) -> Received:
        """Return the bytes of the upload."""
        with self.upload.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Received(self.upload.path, digest, self.upload.size)


def outcome_of(upload: PartialUpload) -> Added | Refused | None:
    """Return the outcome of an upload; None before its last part."""
    if upload.document is not None:
        return Added(upload.document, upload.is_duplicate)
    if upload.error_code:
        return Refused(upload.name, upload.error_code, upload.error_message, upload.error_status)
    return None


def cancel(upload: PartialUpload) -> None:
    """Delete an upload and its bytes; a document made from it stays."""
    with transaction.atomic():
        PartialUpload.objects.select_for_update().filter(pk=upload.pk).first()
        PartialUpload.objects.filter(pk=upload.pk).delete()
        upload.path.unlink(missing_ok=True)


def purge() -> int:
    """Delete uploads without a part for a day, and files without an upload; return the count."""
    before = timezone.now() - KEPT_FOR
    count = sum(
        _forget(upload) for upload in PartialUpload.objects.filter(changed__lt=before).iterator()
    )
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
        return False  # Another part has arrived meanwhile.
    upload.path.unlink(missing_ok=True)
    return True
