"""Fetches web pages in a worker: for claimed documents without bytes, and for pages that are due.

A page that is gone or does not answer leaves its document unchanged and records the error beside
it. No transaction is open during a request.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from embedded.health.heartbeat import stopping
from ingestion.documents import versions
from ingestion.errors.exceptions import UnreadableDocument
from ingestion.errors.fetching import FetchFailed
from ingestion.models import Document
from ingestion.models.sources import WebPage
from ingestion.parsing import detect_media_type
from ingestion.parsing.formats import ARTICLE, HTML
from ingestion.queue import claims
from ingestion.queue.leases import Lease, LeaseLost
from ingestion.queue.wakeup import wake_workers
from ingestion.sources.web import fetch, pages
from ingestion.sources.web.fetch import FetchedPage, Seen
from ingestion.storage import blobs
from ingestion.web_addresses import file_name
from web.exceptions import DiskFull, Refusal
from web.locks import JobLock, try_lock

NO_BYTES = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of the empty string.
RETRY_INTERVAL = timedelta(hours=1)
MAX_PAGES_PER_RUN = 100


def is_unfetched(document: Document) -> bool:
    """Whether `document` is a web page whose bytes have not been fetched yet."""
    return document.blob_id == NO_BYTES and WebPage.objects.filter(document=document).exists()


def fetch_page(lease: Lease) -> None:
    """Fetch the page of a claimed document and store its bytes and media type in the row.

    Raises `FetchFailed`, `UnreadableDocument`, `LeaseLost`, `TooLarge`, `DiskFull`.
    """
    page = WebPage.objects.get(document=lease.document)
    fetched = fetch.fetch(page.url, tick=lambda: lease.report(Document.Stage.PARSE, 0.0))
    try:
        _keep_first(lease.document, page, fetched, _kind(fetched))
    finally:
        _discard(fetched)


@transaction.atomic
def _keep_first(document: Document, page: WebPage, fetched: FetchedPage, kind: str) -> None:
    assert fetched.received is not None
    blob, _is_new = blobs.keep(fetched.received)
    if not claims.held(document).update(blob=blob, media_type=kind):
        raise LeaseLost
    document.blob, document.media_type = blob, kind
    _note_fetched(page, fetched.seen)


def fetch_due() -> int:
    """Fetch the pages that are due and return their number; only one process at a time."""
    count = 0
    with try_lock(JobLock.WEB_PAGES) as is_held:
        while is_held and count < MAX_PAGES_PER_RUN and not stopping.is_set():
            page = pages.due().select_related("document__workspace", "document__blob").first()
            if page is None:
                break
            _look(page)
            count += 1
    return count


def _look(page: WebPage) -> None:
    """Fetch one page that is due; an error ends in its row. The next due time is written first."""
    now = timezone.now()
    WebPage.objects.filter(pk=page.pk).update(due=pages.next_look(page, after=now), checked=now)
    try:
        fetched = fetch.fetch(
            page.url, Seen(page.seen_url, page.etag, page.last_modified), tick=_until_stopping
        )
        try:
            if _is_new_version(page.document, fetched):
                _note_fetched(page, fetched.seen)
            else:
                _note(page, fetched.seen)
        finally:
            _discard(fetched)
    except FetchFailed as exc:
        _note_trouble(page, exc.code, exc.details, soon=exc.is_temporary)
    except UnreadableDocument as exc:
        _note_trouble(page, exc.code, {"reason": exc.reason})
    except Refusal as exc:
        _note_trouble(page, exc.code, {}, soon=isinstance(exc, DiskFull))
    except LeaseLost:
        WebPage.objects.filter(pk=page.pk).update(due=now)


def _until_stopping() -> None:
    if stopping.is_set():
        raise LeaseLost


@transaction.atomic
def _is_new_version(document: Document, fetched: FetchedPage) -> bool:
    """Add the fetched bytes as a new version; False if the document already has them."""
    if fetched.received is None or fetched.received.sha256 == document.blob_id:
        return False
    kind = _kind(fetched)
    blob, _is_new = blobs.keep(fetched.received)
    if not versions.add(document, blob=blob, media_type=kind, by=None):
        return False
    transaction.on_commit(wake_workers)
    return True


def _kind(fetched: FetchedPage) -> str:
    """Return the media type by the bytes, else by the server; ARTICLE for a web page."""
    assert fetched.received is not None
    kind = detect_media_type(fetched.received.path, file_name(fetched.seen.url, fetched.media_type))
    return ARTICLE if kind == HTML else kind


def _discard(fetched: FetchedPage) -> None:
    if fetched.received is not None:
        fetched.received.discard()


def _note_fetched(page: WebPage, seen: Seen) -> None:
    now = timezone.now()
    _note(page, seen, fetched=now, checked=now)
    WebPage.objects.filter(pk=page.pk, due=None).update(due=pages.next_look(page, after=now))


def _note(page: WebPage, seen: Seen, **times: datetime) -> None:
    WebPage.objects.filter(pk=page.pk).update(
        seen_url=seen.url,
        etag=seen.etag,
        last_modified=seen.last_modified,
        error_code="",
        error_details={},
        **times,
    )


def _note_trouble(page: WebPage, code: str, details: dict[str, Any], *, soon: bool = False) -> None:
    trouble = WebPage.objects.filter(pk=page.pk)
    trouble.update(error_code=code, error_details=details)
    if soon and page.interval:
        trouble.update(due=timezone.now() + RETRY_INTERVAL)
