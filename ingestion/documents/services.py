"""What people do with documents: add, try again, cancel, rename, pin, delete.

Rules, but not permissions, which the caller has checked. Every write that must survive is in a row before a message
leaves. `pipeline.indexing` makes chunks of a document, `purging` clears away what nobody needs, what
a version of a document is stands in `versions`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from ingestion.documents import versions
from ingestion.documents.passwords import seal
from ingestion.documents.versions import OnConflict
from ingestion.errors.exceptions import UnreadableDocument
from ingestion.file_names import clean_path
from ingestion.index.active_space import change_over
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
    """Something that may become a document: an uploaded file, a file on disk."""

    @property
    def name(self) -> str | None:
        """What it is called where it comes from, with the folders that are to be kept."""

    def received(self) -> Received:
        """Return its bytes; raises `Refusal`."""


@dataclass(frozen=True, slots=True)
class Added:
    """A document that was added, or one that was here already and may have got a new version."""

    document: Document
    duplicate: bool
    """Whether the same bytes were here already under the same name."""
    skipped: bool = False
    """Whether other bytes were, and these were left out for that."""

    @property
    def is_news(self) -> bool:
        """Whether there is something to be read."""
        return not (self.duplicate or self.skipped)


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that did not become a document, and why."""

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
    """Keep each of `offers` and queue it for indexing; one outcome each, in order. One refused stops no other.

    What comes in one call is never a version of what came with it, since folders hold many a README; whoever loads in
    several calls hands the same set of names to each as `load`.
    """
    load = set() if load is None else load
    outcomes: list[Added | Refused] = []
    for offer in offers:
        outcomes.append(outcome := _outcome(workspace, offer, by, on_conflict, load))
        if isinstance(outcome, Added) and (outcome.is_news or on_conflict != OnConflict.SKIP):
            load.add(outcome.document.name)
    if any(isinstance(outcome, Added) and outcome.is_news for outcome in outcomes):
        transaction.on_commit(wake_workers)
    return outcomes


def _outcome(
    workspace: Workspace, offer: Offer, by: User | None, on_conflict: OnConflict, load: set[str]
) -> Added | Refused:
    name = clean_path(offer.name or "")
    try:
        received = offer.received()
        try:
            coming = _Coming(workspace, received, name, detect_media_type(received.path, name), by)
            return _add(coming, OnConflict.KEEP if name in load else on_conflict)
        finally:
            received.discard()
    except UnreadableDocument as exc:
        return Refused(name, exc.code, exc.message, 400)
    except Refusal as exc:
        return Refused(name, exc.code, str(exc), exc.status)
    except OperationalError as exc:
        if not blobs.is_disk_full(exc):
            raise
        full = DiskFull()
        return Refused(name, full.code, str(full), full.status)


@dataclass(frozen=True, slots=True)
class _Coming:
    """Bytes that have arrived, and what is known of them."""

    workspace: Workspace
    received: Received
    name: str
    media_type: str
    by: User | None


@transaction.atomic
def _add(coming: _Coming, on_conflict: OnConflict) -> Added:
    there = versions.of_same_name(coming.workspace, coming.name, coming.received.sha256)
    if there and there.blob_id == coming.received.sha256:
        _keep(coming.received)
        return Added(there, duplicate=True)
    if there and on_conflict == OnConflict.SKIP:
        return Added(there, duplicate=False, skipped=True)
    blob, is_new = _keep(coming.received)
    try:
        return Added(_stored(coming, blob, there if on_conflict == OnConflict.VERSION else None), duplicate=False)
    except DatabaseError:
        if is_new:
            blobs.path_of(blob.sha256).unlink()  # The lock is still ours, so nobody else can have come to rely on it.
        raise


def _keep(received: Received) -> tuple[Blob, bool]:
    """Keep received bytes, and queue the documents that failed because these bytes were damaged."""
    blob, is_new = blobs.keep(received)
    if not is_new:
        failed = Document.objects.filter(blob=blob, status=Document.Status.FAILED, error_details__reason=ORIGINAL)
        if claims.requeue(failed):
            transaction.on_commit(wake_workers)
    return blob, is_new


def _stored(coming: _Coming, blob: Blob, earlier: Document | None) -> Document:
    if earlier and versions.add(earlier, blob=blob, media_type=coming.media_type, by=coming.by):
        return earlier
    document = Document.objects.create(
        workspace=coming.workspace, blob=blob, name=coming.name, media_type=coming.media_type, added_by=coming.by
    )
    Document._meta.get_field("web_page").set_cached_value(document, None)  # Whoever shows it need not look for one.
    return document


def retry_document(document: Document, *, password: str = "") -> Document:
    """Queue a failed or cancelled document again; raises `Refusal` for any other."""
    found = Document.objects.filter(pk=document.pk, status__in=GIVEN_UP)
    if not claims.requeue(found, sealed_password=seal(password) if password else None):
        raise Refusal(
            _("Only a document that failed or was cancelled can be tried again."), code="not_failed", status=409
        )
    transaction.on_commit(wake_workers)
    document.refresh_from_db()
    return document


@transaction.atomic
def cancel_document(document: Document) -> Document:
    """Stop a document that waits or is in work; raises `Refusal` for any other.

    What is being done to it ends within a second. Chunks of an earlier time go on serving, and where they are of an
    earlier version, the document is that version again.
    """
    unfinished = Document.objects.filter(pk=document.pk, status__in=UNFINISHED)
    if not versions.call_off(document) and not unfinished.update(
        status=Document.Status.CANCELLED, **claims.NOT_IN_WORK, sealed_password=None, error_code="", error_details={}
    ):
        raise Refusal(_("This document is not being worked on."), code="not_unfinished", status=409)
    document.refresh_from_db()
    return document


@transaction.atomic
def rename_document(document: Document, *, name: str) -> Document:
    """Call a document something else; raises `Refusal` where the same bytes have that name already.

    A document without a title of its own is found by its name, so it is indexed again; its old chunks serve until then.
    """
    name = clean_path(name)
    if versions.same_name(document.workspace, name).filter(blob=document.blob_id).exclude(pk=document.pk).exists():
        raise Refusal(_("The same document is already here under this name."), code="duplicate", status=409)
    document.name = name
    document.make = document.make if document.title else ""
    document.save(update_fields=["name", "make"])
    if not document.title and claims.requeue(Document.objects.filter(pk=document.pk).exclude(status__in=GIVEN_UP)):
        transaction.on_commit(wake_workers)
        document.refresh_from_db()
    return document


def pin_document(document: Document, *, pinned: bool) -> Document:
    """Put a document among those that every prompt begins with, or take it out."""
    document.pinned = pinned
    document.save(update_fields=["pinned"])
    return document


@transaction.atomic
def delete_document(document: Document, *, by: User | None) -> None:
    """Delete a document with its chunks and vectors; it answers nothing from this moment. Bytes go when unused.

    What came out of an archive goes with it.
    """
    # Held first, so that a worker about to publish waits, and then finds nothing to publish to.
    if Document.objects.select_for_update().filter(pk=document.pk).first() is None:
        return
    take_out(document)
    record("document.deleted", by=by, about=document)
    document.delete()


def requeue_outdated(workspace: Workspace, *, also_failed: bool = True) -> int:
    """Have those documents of `workspace` made again that are not as its settings now ask; return how many.

    What failed by its model, or waits for it, gets another chance too, unless only the timer asks.
    """
    documents = Document.objects.filter(workspace=workspace)
    _leave_failed_versions(workspace, documents, also_failed=also_failed)
    outdated = Q(status=Document.Status.READY, contents__isnull=True) & ~Q(make=make_of(workspace))
    failed = Q(status=Document.Status.FAILED, error_details__has_key="message")
    waiting = Q(status=Document.Status.QUEUED, attempts__gt=0)
    count = claims.requeue(documents.filter(outdated | failed | waiting if also_failed else outdated))
    if count:
        transaction.on_commit(wake_workers)
    else:
        change_over(workspace)
    return count


def _leave_failed_versions(workspace: Workspace, documents: "QuerySet[Document]", *, also_failed: bool) -> None:
    """Have what serves instead of them made anew, too; those that failed by their model get another chance."""
    hopeless = documents.exclude(make=make_of(workspace))
    versions.go_back_from_failed(hopeless.exclude(error_details__has_key="message") if also_failed else hopeless)
