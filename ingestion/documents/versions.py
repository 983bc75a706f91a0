"""Versions of a document: an upload of the same name gives the document other bytes.

The row describes the newest version: `version`, `blob`, `media_type`, and in `status` and `error`
its progress. Chunks, title and pages are of the version that serves: the same one, or `stand_in`
until the newest is ready. So the queue, the list and searches each use one row and need to know
nothing of versions.

- `add` and `restore` change the row in one transaction: new bytes, the next number, queued. A worker on the row loses
  its claim and cannot publish, so the newest version wins.
- `pipeline.publishing` swaps in one transaction: it sets the old chunks aside, inserts new ones and updates the row
  last. A process killed before the commit has changed nothing.
- A failed version stays in the row as failed while the stand-in serves. `go_back` makes the stand-in the document's
  version again, when the new version is cancelled or deleted or the stand-in is restored.
- The members of an archive change one by one, see `pipeline.archives`.
- A restored version gets the next number with the bytes of the old one: history only grows.

`Version` rows exist once a document has more than one version, and keep the blobs. Chunks set aside
are `PastChunk` rows for the citations of old answers; no search reads them. Writers lock the
document's row, and uploads of one name are serialized (`same_name`). Two documents may share a name
(`keep`); then the newest gets the version. A member of an archive never becomes a version of an
upload, nor the other way round.
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, Max, QuerySet, When
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from ingestion.index.removal import delete_members
from ingestion.models import Blob, Chunk, Document, PastChunk, Version
from ingestion.parsing.formats import ARCHIVES
from ingestion.queue import claims
from ingestion.queue.wakeup import wake_workers
from web.compiled_querysets import CompiledQueryset
from web.exceptions import Refusal
from web.locks import LockSpace, lock_one_until_commit
from workspaces.models import Workspace

_SET_ASIDE_SQL: Final = """
    INSERT INTO ingestion_pastchunk (id, version_id, {columns})
    SELECT chunk.id, version.id, {columns} FROM ingestion_chunk chunk
    JOIN ingestion_version version ON version.document_id = chunk.document_id
    WHERE chunk.document_id = %s AND version.number = %s
"""
_PAST_COLUMNS: Final = (
    "position",
    "text",
    "headings",
    "page_from",
    "page_to",
    "start",
    "end",
    "boxes",
)


class OnConflict(StrEnum):
    """What to do with an upload whose name belongs to a document with other bytes."""

    VERSION = "version"
    KEEP = "keep"
    SKIP = "skip"


def same_name(workspace: Workspace, name: str) -> "QuerySet[Document]":
    """Return the documents of this name, without members of archives.

    Locks the name until the transaction ends.
    """
    _hold_name(workspace, name)
    return Document.objects.filter(workspace=workspace, name=name, archive=None)


def of_same_name(workspace: Workspace, name: str, blob: str) -> Document | None:
    """Return the document of this name with these bytes, else the newest.

    Locks the name until the transaction ends.
    """
    _hold_name(workspace, name)
    for row in _OF_SAME_NAME.rows(workspace.pk, name, blob):
        return Document.objects.select_related("blob", "added_by").get(pk=row[0])
    return None


_OF_SAME_NAME: Final = CompiledQueryset(
    lambda workspace, name, blob: (
        Document.objects.filter(workspace=workspace, name=name, archive=None)
        .order_by(Case(When(blob=blob, then=0), default=1), "-id")
        .values_list("pk")[:1]
    ),
    UUID,
    str,
    str,
)


def _hold_name(workspace: Workspace, name: str) -> None:
    lock_one_until_commit(
        LockSpace.DOCUMENT_NAME, hashlib.sha256(f"{workspace.pk}/{name}".encode()).digest()
    )


def names_taken(workspace: Workspace, names: Sequence[str]) -> dict[str, Document]:
    """Return the document of each name that is taken, the newest where several have it."""
    found = Document.objects.filter(workspace=workspace, name__in=names, archive=None)
    return {document.name: document for document in found.select_related("blob").order_by("id")}


def versions_of(document: Document) -> list[Version]:
    """Return the versions of `document`, newest first; the document itself if it has only one."""
    return list(document.versions.select_related("blob", "added_by")) or [
        _present_version(document)
    ]


def version_of(document: Document, number: int) -> Version:
    """Return one version; raises `Http404`."""
    for version in versions_of(document):
        if version.number == number:
            return version
    raise Http404


def chunks_of(document: Document, number: int) -> "QuerySet[Chunk] | QuerySet[PastChunk]":
    """Return the chunks of a version in order, or those set aside; raises `Http404`."""
    if number == document.serving:
        return (
            Chunk.objects.filter(document=document).defer("terms", "weights").order_by("position")
        )
    version = version_of(document, number)
    return PastChunk.objects.filter(version=version.pk).order_by("position")


@transaction.atomic
def add(document: Document, *, blob: Blob, media_type: str, by: User | None) -> bool:
    """Make other bytes the newest version of `document`.

    Returns False if the document was deleted or renamed meanwhile. The version before serves until
    the new one is indexed. The caller wakes workers.
    """
    row = _held(document)
    if row is None or row.name != document.name:
        return False
    _turn_to(row, Version(document=row, blob=blob, media_type=media_type, added_by=by))
    document.refresh_from_db()
    return True


@transaction.atomic
def restore(document: Document, number: int, *, by: User | None) -> None:
    """Make a version the current one again; raises `Refusal` or `Http404`."""
    row = _held(document)
    if row is None:
        raise Http404
    old = version_of(row, number)
    if number == row.version and row.is_unfinished:
        raise Refusal(
            _("This version is already being processed."), code="version_is_coming", status=409
        )
    if number == row.serving and row.stand_in is None:
        raise Refusal(
            _("This is already the current version."), code="version_is_current", status=409
        )
    if number == row.stand_in:
        go_back(row)
    elif number == row.version:
        claims.requeue(Document.objects.filter(pk=row.pk))
    else:
        _turn_to(row, Version(document=row, blob=old.blob, media_type=old.media_type, added_by=by))
    record("document.version_restored", by=by, about=row)
    transaction.on_commit(wake_workers)


@transaction.atomic
def delete(document: Document, number: int, *, by: User | None) -> None:
    """Delete a version with its chunks set aside.

    Raises `Refusal` for the one that serves, or `Http404`.
    """
    row = _held(document)
    if row is None:
        raise Http404
    version = version_of(row, number)
    if number == row.version and row.stand_in is not None:
        go_back(row)
    elif number in {row.version, row.stand_in}:
        sentence = _(
            "The current version cannot be deleted. Make another version current first, or delete the document."
        )
        raise Refusal(sentence, code="version_is_current", status=409)
    version.delete()
    record("document.version_deleted", by=by, about=row)


def call_off(document: Document) -> bool:
    """Cancel a version that is being prepared and go back to the one that serves.

    Returns False if there is none. Call only inside a transaction, which locks the document's row.
    """
    row = _held(document)
    if row is None or row.stand_in is None or not row.is_unfinished:
        return False
    go_back(row)
    return True


def go_back(row: Document) -> None:
    """Make the stand-in the document's version again: ready, or queued if it is an archive.

    The caller has locked the row.
    """
    assert row.stand_in is not None
    row.versions.filter(number=row.version).update(
        error_code=row.error_code, error_details=row.error_details
    )
    old = row.versions.get(number=row.stand_in)
    Document.objects.filter(pk=row.pk).update(
        version=old.number,
        blob=old.blob_id,
        media_type=old.media_type,
        stand_in=None,
        sealed_password=None,
        **claims.READY_FIELDS,
    )
    if old.media_type in ARCHIVES:
        # Unpacking restores the members that the new version has changed.
        claims.requeue(Document.objects.filter(pk=row.pk))
        transaction.on_commit(wake_workers)
    elif row.media_type in ARCHIVES:
        delete_members(row.members.all())


def go_back_from_failed(documents: "QuerySet[Document]") -> None:
    """Go back to the stand-in wherever a new version failed, so that the stand-in can be queued."""
    for document in documents.filter(status=Document.Status.FAILED, stand_in__isnull=False):
        with transaction.atomic():
            row = _held(document)
            if (
                row is not None
                and row.stand_in is not None
                and row.status == Document.Status.FAILED
            ):
                go_back(row)


def set_aside(document: Document) -> None:
    """Copy the chunks of the stand-in to PastChunk, for citations of old answers.

    Called before publishing.
    """
    if document.stand_in is not None:
        columns = ", ".join(map(connection.ops.quote_name, _PAST_COLUMNS))
        with connection.cursor() as cursor:
            cursor.execute(_SET_ASIDE_SQL.format(columns=columns), [document.pk, document.stand_in])


def _held(document: Document) -> Document | None:
    """Lock and return the document's row; foreign keys to it remain possible."""
    return Document.objects.select_for_update(no_key=True).filter(pk=document.pk).first()


def _turn_to(row: Document, version: Version) -> None:
    """Make `version` the newest one, with the next number, and queue the document."""
    first = _present_version(row)
    Version.objects.bulk_create([first], ignore_conflicts=True)
    version.number = 1 + (row.versions.aggregate(most=Max("number"))["most"] or row.version)
    version.save()
    Document.objects.filter(pk=row.pk).update(
        version=version.number,
        blob=version.blob_id,
        media_type=version.media_type,
        stand_in=row.serving,
    )
    claims.requeue(Document.objects.filter(pk=row.pk))


def _present_version(document: Document) -> Version:
    return Version(
        document=document,
        number=document.version,
        blob=document.blob,
        media_type=document.media_type,
        added_by=document.added_by,
        created=document.created,
    )
