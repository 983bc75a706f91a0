"""Brings the bytes of web pages, in a worker: those of a document that waits for them, and those of pages that are due.

A page that is not there any more, or does not answer, leaves the document as it is and says so beside it. Nothing here
holds a transaction while it waits for somebody else's server.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from embedded.health.heartbeat import stopping
from ingestion.documents import versions
from ingestion.errors import messages
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
from ingestion.sources.web.fetch import Page, Seen
from ingestion.storage import blobs
from ingestion.web_addresses import file_name
from web.exceptions import DiskFull, Refusal
from web.locks import JobLock, try_lock

logger = logging.getLogger(__name__)

NO_BYTES = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # The digest of none.
AFTER_TROUBLE = timedelta(hours=1)
MOST_AT_ONCE = 100  # Pages looked at before the thread takes other work.


def fetch_page(document: Document, lease: Lease) -> bool:
    """Fetch what a claimed document is to be a copy of, if it has not come; False when there is nothing to index.

    Whatever goes wrong ends in the document's row.
    """
    if document.blob_id != NO_BYTES:
        return True
    page = WebPage.objects.filter(document=document).first()
    if page is None:
        return True
    try:
        _bring(document, page, lease)
    except LeaseLost:
        claims.give_back(document)
    except UnreadableDocument as exc:
        claims.fail(document, exc.code, {"reason": exc.reason})
    except FetchFailed as exc:
        (claims.postpone if exc.is_temporary else claims.fail)(document, exc.code, exc.details)
    except DiskFull as exc:
        claims.postpone(document, exc.code)
    except Refusal as exc:
        claims.fail(document, exc.code)
    except (OperationalError, InterfaceError):
        logger.warning("The database failed while document %s was fetched.", document.pk, exc_info=True)
        connection.close()
        claims.postpone(document, messages.DATABASE_UNAVAILABLE)
    except Exception:  # The edge: one page's trouble must not end the worker.
        if claims.fail(document, messages.INTERNAL):
            logger.exception("Document %s could not be fetched.", document.pk)
    else:
        return True
    return False


def _bring(document: Document, page: WebPage, lease: Lease) -> None:
    come = fetch.fetch(page.url, tick=lambda: lease.report(Document.Stage.PARSE, 0.0))
    try:
        kind = _kind(come)
        _keep_first(document, page, come, kind)
    finally:
        _discard(come)


@transaction.atomic
def _keep_first(document: Document, page: WebPage, come: Page, kind: str) -> None:
    assert come.received is not None
    blob, _is_new = blobs.keep(come.received)
    if not claims.held(document).update(blob=blob, media_type=kind):
        raise LeaseLost
    document.blob, document.media_type = blob, kind
    _note_fetched(page, come.seen)


def fetch_due() -> int:
    """Look at the pages that are due, one after the other, and return how many there were; one process at a time."""
    count = 0
    with try_lock(JobLock.WEB_PAGES) as is_held:
        while is_held and count < MOST_AT_ONCE and not stopping.is_set() and (page := _next()) is not None:
            _look(page)
            count += 1
    return count


def _next() -> WebPage | None:
    return pages.due().select_related("document__workspace", "document__blob").first()


def _look(page: WebPage) -> None:
    """Look at one page. Whatever goes wrong ends in its row; when it is next due is written first."""
    now = timezone.now()
    WebPage.objects.filter(pk=page.pk).update(due=pages.next_look(page, after=now), checked=now)
    try:
        come = fetch.fetch(page.url, Seen(page.seen_url, page.etag, page.last_modified), tick=_until_stopping)
        try:
            _note_fetched(page, come.seen) if _is_new_version(page.document, come) else _note_unchanged(page, come.seen)
        finally:
            _discard(come)
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
def _is_new_version(document: Document, come: Page) -> bool:
    """Make what has come a version of its document, unless the document has these bytes already."""
    if come.received is None or come.received.sha256 == document.blob_id:
        return False
    kind = _kind(come)
    blob, _is_new = blobs.keep(come.received)
    if not versions.add(document, blob=blob, media_type=kind, by=None):
        return False
    transaction.on_commit(wake_workers)
    return True


def _kind(come: Page) -> str:
    """Tell what has come by its bytes, and then by what its server says; a web page is read for its article."""
    assert come.received is not None
    kind = detect_media_type(come.received.path, file_name(come.seen.url, come.media_type))
    return ARTICLE if kind == HTML else kind


def _discard(come: Page) -> None:
    if come.received is not None:
        come.received.discard()


def _note_fetched(page: WebPage, seen: Seen) -> None:
    now = timezone.now()
    _note(page, seen, fetched=now, checked=now)
    WebPage.objects.filter(pk=page.pk, due=None).update(due=pages.next_look(page, after=now))


def _note_unchanged(page: WebPage, seen: Seen) -> None:
    _note(page, seen)


def _note(page: WebPage, seen: Seen, **times: datetime) -> None:
    WebPage.objects.filter(pk=page.pk).update(
        seen_url=seen.url, etag=seen.etag, last_modified=seen.last_modified, error_code="", error_details={}, **times
    )


def _note_trouble(page: WebPage, code: str, details: dict[str, Any], *, soon: bool = False) -> None:
    trouble = WebPage.objects.filter(pk=page.pk)
    trouble.update(error_code=code, error_details=details)
    if soon and page.interval:
        trouble.update(due=timezone.now() + AFTER_TROUBLE)
