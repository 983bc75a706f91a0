"""Versions of a document: the same name again is the same document with other bytes, and the same id.

A document's row says what it is to be: `version`, `blob` and `media_type` are those of the newest version that somebody
wants, `status` and `error` how far that one is. Its chunks, title and pages are those of the version that serves: the
same one, or, until it is ready, `stand_in`. So one row is the queue's work, the list's line and what search finds, and
nothing that searches has to know that there are versions.

- Something new (`add`, `restore`) changes the row in one transaction: new bytes, the number after all there were, and
  queued afresh. Whoever works on the row loses its claim with that and can publish nothing any more; the newest wish
  wins.
- `pipeline.publishing` swaps in one transaction: the chunks that served are set aside (`set_aside`), new ones go in,
  and the row is updated last. A process killed before that has changed nothing; the queue begins again.
- What fails stays in the row as failed, and the stand-in goes on serving. `go_back` makes it the document's version
  again, without any work but that of unpacking an archive: for whoever cancels, gives the new version up or asks for
  the one that serves.
- An archive has nothing to swap: what comes out of it changes document by document, see `pipeline.archives`.
- A version made current again comes after all others, with the bytes of the old one: history is only added to.

`Version` rows are there once a document has more than one version, and hold on to the bytes. Chunks set aside are
`PastChunk` rows, which no search reads: old answers point there. Who writes here holds the document's row, and uploads
of one name come one after the other (`same_name`). A name is no key: two documents may have it (`keep`), and then the
newest of them gets the version. What came out of an archive is that archive's, and no upload becomes a version of it.
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
from web.compiled_querysets import Compiled
from web.exceptions import Refusal
from web.locks import LockSpace, lock_one_until_commit
from workspaces.models import Workspace

_SET_ASIDE: Final = """
    INSERT INTO ingestion_pastchunk (id, version_id, {columns})
    SELECT chunk.id, version.id, {columns} FROM ingestion_chunk chunk
    JOIN ingestion_version version ON version.document_id = chunk.document_id
    WHERE chunk.document_id = %s AND version.number = %s
"""
_KEPT: Final = ("position", "text", "headings", "page_from", "page_to", "start", "end", "boxes")


class OnConflict(StrEnum):
    """What becomes of an upload whose name is taken by other bytes."""

    VERSION = "version"
    KEEP = "keep"
    SKIP = "skip"


def same_name(workspace: Workspace, name: str) -> "QuerySet[Document]":
    """Return the documents of this name; until the transaction ends nobody else adds one.

    Not those out of an archive: what somebody adds must not go when an archive does.
    """
    _hold_name(workspace, name)
    return Document.objects.filter(workspace=workspace, name=name, archive=None)


def of_same_name(workspace: Workspace, name: str, blob: str) -> Document | None:
    """Return the document of this name with these bytes, else the newest; nobody else adds one meanwhile."""
    _hold_name(workspace, name)
    for row in _OF_SAME_NAME.rows(workspace.pk, name, blob):
        return Document.objects.select_related("blob", "added_by").get(pk=row[0])
    return None


_OF_SAME_NAME: Final = Compiled(
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
    lock_one_until_commit(LockSpace.DOCUMENT_NAME, hashlib.sha256(f"{workspace.pk}/{name}".encode()).digest())


def names_taken(workspace: Workspace, names: Sequence[str]) -> dict[str, Document]:
    """Return the document of each name that is taken, the newest where several have it."""
    found = Document.objects.filter(workspace=workspace, name__in=names, archive=None)
    return {document.name: document for document in found.select_related("blob").order_by("id")}


def versions_of(document: Document) -> list[Version]:
    """Return the versions of `document`, the newest first: the document itself where it has but one."""
    return list(document.versions.select_related("blob", "added_by")) or [_as_it_is(document)]


def version_of(document: Document, number: int) -> Version:
    """Return one version; raises `Http404`."""
    for version in versions_of(document):
        if version.number == number:
            return version
    raise Http404


def chunks_of(document: Document, number: int) -> "QuerySet[Chunk] | QuerySet[PastChunk]":
    """Return the chunks of a version, or what was set aside of them, in order; raises `Http404`."""
    if number == document.serving:
        return Chunk.objects.filter(document=document).defer("terms", "weights").order_by("position")
    version = version_of(document, number)
    return PastChunk.objects.filter(version=version.pk).order_by("position")


@transaction.atomic
def add(document: Document, *, blob: Blob, media_type: str, by: User | None) -> bool:
    """Have `document` become other bytes; False when it was deleted or renamed meanwhile.

    What serves goes on serving until they are in the index. The caller wakes workers.
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
        raise Refusal(_("This version is already being processed."), code="version_is_coming", status=409)
    if number == row.serving and row.stand_in is None:
        raise Refusal(_("This is already the current version."), code="version_is_current", status=409)
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
    """Delete a version with what was set aside of it; raises `Refusal` for the one that serves, or `Http404`."""
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
    """Give up a version that is being prepared and go back to the one that serves; False where there is none such.

    Only inside a transaction, until whose end nobody else changes the document.
    """
    row = _held(document)
    if row is None or row.stand_in is None or not row.is_unfinished:
        return False
    go_back(row)
    return True


def go_back(row: Document) -> None:
    """Make the stand-in the document's version again: ready as it is, or, an archive, unpacked again.

    The caller holds the row.
    """
    assert row.stand_in is not None
    row.versions.filter(number=row.version).update(error_code=row.error_code, error_details=row.error_details)
    old = row.versions.get(number=row.stand_in)
    Document.objects.filter(pk=row.pk).update(
        version=old.number,
        blob=old.blob_id,
        media_type=old.media_type,
        stand_in=None,
        sealed_password=None,
        **claims.IS_READY,
    )
    if old.media_type in ARCHIVES:
        claims.requeue(Document.objects.filter(pk=row.pk))  # What the new one has changed in it by now is put back.
        transaction.on_commit(wake_workers)
    elif row.media_type in ARCHIVES:
        delete_members(row.members.all())


def go_back_from_failed(documents: "QuerySet[Document]") -> None:
    """Go back wherever a new version failed, so that what serves can be made anew."""
    for document in documents.filter(status=Document.Status.FAILED, stand_in__isnull=False):
        with transaction.atomic():
            row = _held(document)
            if row is not None and row.stand_in is not None and row.status == Document.Status.FAILED:
                go_back(row)


def set_aside(document: Document) -> None:
    """Keep the chunks that stood in until now, for old answers to point at. For `publishing`, before it swaps."""
    if document.stand_in is not None:
        columns = ", ".join(map(connection.ops.quote_name, _KEPT))
        with connection.cursor() as cursor:
            cursor.execute(_SET_ASIDE.format(columns=columns), [document.pk, document.stand_in])


def _held(document: Document) -> Document | None:
    """Return the document's row as it is now, and hold it, though not against a worker that only refers to it."""
    return Document.objects.select_for_update(no_key=True).filter(pk=document.pk).first()


def _turn_to(row: Document, version: Version) -> None:
    """Have the row want `version`, which gets the number after all there were."""
    first = _as_it_is(row)
    Version.objects.bulk_create([first], ignore_conflicts=True)
    version.number = 1 + (row.versions.aggregate(most=Max("number"))["most"] or row.version)
    version.save()
    Document.objects.filter(pk=row.pk).update(
        version=version.number, blob=version.blob_id, media_type=version.media_type, stand_in=row.serving
    )
    claims.requeue(Document.objects.filter(pk=row.pk))


def _as_it_is(document: Document) -> Version:
    return Version(
        document=document,
        number=document.version,
        blob=document.blob,
        media_type=document.media_type,
        added_by=document.added_by,
        created=document.created,
    )
