"""Adds, retries, cancels, renames, pins and deletes documents.

Callers have checked permissions. Rows are written before a message leaves, so that a lost message
loses no work. Versions are in `versions`, indexing in `pipeline.indexing`, and the deletion of
unused bytes in `purging`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from ingestion.documents import versions
from ingestion.documents.passwords import seal
from ingestion.documents.versions import OnConflict
from ingestion.errors.exceptions import UnreadableDocument
from ingestion.file_names import clean_path
from ingestion.index.active_space import change_over
from ingestion.index.document_index import rename_entry
from ingestion.index.fingerprint import make_of
from ingestion.index.removal import take_out
from ingestion.models import Blob, Document
from ingestion.parsing import detect_media_type
from ingestion.queue import claims
from ingestion.queue.wakeup import wake_workers
from ingestion.storage import blobs
from ingestion.storage.blobs import Received
from ingestion.storage.integrity import ORIGINAL
from web.exceptions import DiskFull, Refusal
from workspaces.models import Workspace

UNFINISHED = [Document.Status.QUEUED, Document.Status.PROCESSING]
GIVEN_UP = [Document.Status.FAILED, Document.Status.CANCELLED]


class Offer(Protocol):
    """A candidate for a document: an uploaded file or a file on disk."""

    @property
    def name(self) -> str | None:
        """Its name at the source, with the folders to keep."""

    def received(self) -> Received:
        """Return its bytes; raises `Refusal`."""


@dataclass(frozen=True, slots=True)
class Added:
    """An added document, or an existing one of the same name that may have a new version."""

    document: Document
    duplicate: bool
    """Whether the same bytes existed under the same name."""
    skipped: bool = False
    """Whether other bytes existed under the same name, and the new ones were left out."""

    @property
    def is_news(self) -> bool:
        """Whether there is something to index."""
        return not (self.duplicate or self.skipped)


@dataclass(frozen=True, slots=True)
class Refused:
    """An offer that did not become a document, with the reason."""

    name: str
    code: str
    message: str
    status: int


def add_documents(
    *,
    workspace: Workspace,
    offers: Iterable[Offer],
    by: User | None,
    on_conflict: OnConflict = OnConflict.VERSION,
    load: set[str] | None = None,
) -> list[Added | Refused]:
    """Store each of `offers` and queue it for indexing; return one outcome for each, in order.

    A refused offer stops no other. Files of one call never become versions of each other, since
    folders hold several files of one name; a load of several calls passes the same set `load`, of
    the names it has added, to each.
    """
    load = set() if load is None else load
    outcomes: list[Added | Refused] = []
    for offer in offers:
        name = clean_path(offer.name or "")
        outcome: Added | Refused
        try:
            received = offer.received()
            try:
                incoming = _Incoming(
                    workspace, received, name, detect_media_type(received.path, name), by
                )
                outcome = _store(incoming, OnConflict.KEEP if name in load else on_conflict)
            finally:
                received.discard()
        except (UnreadableDocument, Refusal, OperationalError) as exc:
            outcome = _refused(name, exc)
        outcomes.append(outcome)
        if isinstance(outcome, Added) and (outcome.is_news or on_conflict != OnConflict.SKIP):
            load.add(outcome.document.name)
    if any(isinstance(outcome, Added) and outcome.is_news for outcome in outcomes):
        transaction.on_commit(wake_workers)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Incoming:
    """Received bytes with the name and media type of the document they are to become."""

    workspace: Workspace
    received: Received
    name: str
    media_type: str
    by: User | None


@transaction.atomic
def _store(incoming: _Incoming, on_conflict: OnConflict) -> Added:
    """Store the bytes and the row of a new document, or of a new version for an existing name."""
    present = versions.of_same_name(incoming.workspace, incoming.name, incoming.received.sha256)
    if present and present.blob_id == incoming.received.sha256:
        _keep(incoming.received)
        return Added(present, duplicate=True)
    if present and on_conflict == OnConflict.SKIP:
        return Added(present, duplicate=False, skipped=True)
    blob, is_new = _keep(incoming.received)
    try:
        earlier = present if on_conflict == OnConflict.VERSION else None
        if earlier and versions.add(
            earlier, blob=blob, media_type=incoming.media_type, by=incoming.by
        ):
            return Added(earlier, duplicate=False)
        document = Document.objects.create(
            workspace=incoming.workspace,
            blob=blob,
            name=incoming.name,
            media_type=incoming.media_type,
            added_by=incoming.by,
        )
    except DatabaseError:
        # The transaction still holds the blob's lock, so no other document uses the file.
        if is_new:
            blobs.path_of(blob.sha256).unlink()
        raise
    # Saves the response a query.
    Document._meta.get_field("web_page").set_cached_value(document, None)
    return Added(document, duplicate=False)


def _keep(received: Received) -> tuple[Blob, bool]:
    """Keep received bytes, and queue the documents that failed because these bytes were damaged."""
    blob, is_new = blobs.keep(received)
    if not is_new:
        failed = Document.objects.filter(
            blob=blob, status=Document.Status.FAILED, error_details__reason=ORIGINAL
        )
        if claims.requeue(failed):
            transaction.on_commit(wake_workers)
    return blob, is_new


def _refused(name: str, error: UnreadableDocument | Refusal | OperationalError) -> Refused:
    """Return the outcome for an offer that was not stored.

    Raises errors of the database except for a full disk.
    """
    if isinstance(error, UnreadableDocument):
        return Refused(name, error.code, error.message, 400)
    if isinstance(error, OperationalError):
        if not blobs.is_disk_full(error):
            raise error
        error = DiskFull()
    return Refused(name, error.code, str(error), error.status)


def retry_document(document: Document, *, password: str = "") -> Document:
    """Queue a failed or cancelled document again; raises `Refusal` for any other."""
    found = Document.objects.filter(pk=document.pk, status__in=GIVEN_UP)
    if not claims.requeue(found, sealed_password=seal(password) if password else None):
        raise Refusal(
            _("Only failed or cancelled documents can be retried."), code="not_failed", status=409
        )
    transaction.on_commit(wake_workers)
    document.refresh_from_db()
    return document


@transaction.atomic
def cancel_document(document: Document) -> Document:
    """Stop a document that waits or is in work; raises `Refusal` for any other.

    Work on it ends within a second. Chunks of an earlier time go on serving, and where they are of
    an earlier version, the document is that version again.
    """
    unfinished = Document.objects.filter(pk=document.pk, status__in=UNFINISHED)
    if not versions.call_off(document) and not unfinished.update(
        status=Document.Status.CANCELLED,
        **claims.IDLE_FIELDS,
        sealed_password=None,
        error_code="",
        error_details={},
    ):
        raise Refusal(_("This document is not being processed."), code="not_unfinished", status=409)
    document.refresh_from_db()
    return document


@transaction.atomic
def rename_document(document: Document, *, name: str) -> Document:
    """Rename a document; raises `Refusal` where the same bytes have that name already.

    A document without a title is searched by its name, so it is indexed again; its old chunks serve
    until then.
    """
    name = clean_path(name)
    if (
        versions.same_name(document.workspace, name)
        .filter(blob=document.blob_id)
        .exclude(pk=document.pk)
        .exists()
    ):
        raise Refusal(
            _("The same file with this name already exists."), code="duplicate", status=409
        )
    document.name = name
    document.make = document.make if document.title else ""
    document.save(update_fields=["name", "make"])
    rename_entry(document)
    if not document.title and claims.requeue(
        Document.objects.filter(pk=document.pk).exclude(status__in=GIVEN_UP)
    ):
        transaction.on_commit(wake_workers)
        document.refresh_from_db()
    return document


def pin_document(document: Document, *, pinned: bool) -> Document:
    """Include a document in every prompt of its workspace, or stop including it."""
    document.pinned = pinned
    document.save(update_fields=["pinned"])
    return document


@transaction.atomic
def delete_document(document: Document, *, by: User | None) -> None:
    """Delete a document with its chunks, vectors and, for an archive, members.

    Its bytes are purged once unused.
    """
    # Locked first: a worker about to publish waits and then finds no row.
    if Document.objects.select_for_update().filter(pk=document.pk).first() is None:
        return
    take_out(document)
    record("document.deleted", by=by, about=document)
    document.delete()


def requeue_outdated(workspace: Workspace, *, also_failed: bool = True) -> int:
    """Queue the documents of `workspace` that were indexed under other settings; return how many.

    With `also_failed`, documents that failed by their model or wait for it are queued too.
    """
    documents = Document.objects.filter(workspace=workspace)
    # A failed version gives way to the one that serves, which is then queued; failures of the model
    # are tried again.
    failed_versions = documents.exclude(make=make_of(workspace))
    if also_failed:
        failed_versions = failed_versions.exclude(error_details__has_key="message")
    versions.go_back_from_failed(failed_versions)
    outdated = Q(status=Document.Status.READY, contents__isnull=True) & ~Q(make=make_of(workspace))
    failed = Q(status=Document.Status.FAILED, error_details__has_key="message")
    waiting = Q(status=Document.Status.QUEUED, attempts__gt=0)
    count = claims.requeue(
        documents.filter(outdated | failed | waiting if also_failed else outdated)
    )
    if count:
        transaction.on_commit(wake_workers)
    else:
        change_over(workspace)
    return count
