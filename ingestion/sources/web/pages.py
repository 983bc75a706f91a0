"""Web pages as documents: adds a page by its address and schedules fetches, but fetches nothing.

A new page is a queued document without bytes, which a worker fetches first, see `materialize`.
Therefore it can be cancelled, retried and deleted, and shows its error.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from ingestion.documents.services import GIVEN_UP, Added, Refused
from ingestion.errors.fetching import FetchFailed
from ingestion.models import Document
from ingestion.models.sources import WebPage
from ingestion.queue import claims
from ingestion.queue.wakeup import wake, wake_workers
from ingestion.sources.web import allow_list
from ingestion.storage import blobs
from ingestion.web_addresses import name_of, normal_url
from web.exceptions import Refusal
from workspaces.models import Workspace

FETCH_DUE = "ingestion.tasks.maintain_pages"
Refetch = WebPage.Refetch


def add_page(
    *, workspace: Workspace, url: str, by: User | None, refetch: str | None = None
) -> Added | Refused:
    """Add the page at `url`; an existing page is fetched again and returned as a duplicate."""
    try:
        allow_list.require_on()
        return _added(workspace, normal_url(url), by, refetch)
    except FetchFailed as exc:
        return Refused(url.strip()[:255], exc.code, exc.message, 400)
    except Refusal as exc:
        return Refused(url.strip()[:255], exc.code, str(exc), exc.status)


@transaction.atomic
def _added(workspace: Workspace, url: str, by: User | None, refetch: str | None) -> Added:
    # The lock on the empty blob serializes the adding of pages.
    nothing, _is_new = blobs.keep(blobs.receive([]))
    if (
        page := WebPage.objects.filter(document__workspace=workspace, url=url)
        .select_related("document")
        .first()
    ):
        look_again(page, refetch=refetch)
        if claims.requeue(
            Document.objects.filter(web_page=page, web_page__fetched=None, status__in=GIVEN_UP)
        ):
            page.document.refresh_from_db()
            transaction.on_commit(wake_workers)
        return Added(page.document, duplicate=True)
    document = Document.objects.create(
        workspace=workspace, blob=nothing, name=name_of(url), added_by=by
    )
    WebPage.objects.create(document=document, url=url, refetch=refetch or Refetch.NEVER)
    transaction.on_commit(wake_workers)
    return Added(document, duplicate=False)


def look_again(page: WebPage, *, refetch: str | None = None) -> None:
    """Make the page due now, and change its interval if `refetch` is given."""
    WebPage.objects.filter(pk=page.pk).update(refetch=refetch or F("refetch"), due=timezone.now())
    transaction.on_commit(lambda: wake(FETCH_DUE))


def schedule(page: WebPage, refetch: str) -> None:
    """Set the interval of the page, counted from the last fetch."""
    page.refetch = refetch
    page.due = next_look(page, after=page.checked or timezone.now())
    page.save(update_fields=["refetch", "due"])


def next_look(page: WebPage, *, after: datetime) -> datetime | None:
    """Return the time of the next fetch after one at the time `after`."""
    return after + page.interval if page.interval else None


def due() -> "QuerySet[WebPage]":
    """Return the pages that are due for another fetch."""
    found = WebPage.objects.filter(due__lte=timezone.now(), fetched__isnull=False)
    return found.filter(document__workspace__deleted__isnull=True).order_by("due")
