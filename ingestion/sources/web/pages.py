"""Web pages as documents: one is added by its address, and looked at again when it is due. Nothing is fetched here.

A page that has not come yet is a document without bytes, waiting in the queue like any other; a worker fetches it
first, see `materialize`. So it can be cancelled, tried again and deleted, and shows why it did not come.
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


def add_page(*, workspace: Workspace, url: str, by: User | None, refetch: str | None = None) -> Added | Refused:
    """Add the page at `url` as a document; one that is here already is looked at again, and says so."""
    try:
        allow_list.require_on()
        return _added(workspace, normal_url(url), by, refetch)
    except FetchFailed as exc:
        return Refused(url.strip()[:255], exc.code, exc.message, 400)
    except Refusal as exc:
        return Refused(url.strip()[:255], exc.code, str(exc), exc.status)


@transaction.atomic
def _added(workspace: Workspace, url: str, by: User | None, refetch: str | None) -> Added:
    # The lock on these bytes, of which there are none, lets pages come one after the other.
    nothing, _is_new = blobs.keep(blobs.receive([]))
    if page := WebPage.objects.filter(document__workspace=workspace, url=url).select_related("document").first():
        look_again(page, refetch=refetch)
        if claims.requeue(Document.objects.filter(web_page=page, web_page__fetched=None, status__in=GIVEN_UP)):
            page.document.refresh_from_db()
            transaction.on_commit(wake_workers)
        return Added(page.document, duplicate=True)
    document = Document.objects.create(workspace=workspace, blob=nothing, name=name_of(url), added_by=by)
    WebPage.objects.create(document=document, url=url, refetch=refetch or Refetch.NEVER)
    transaction.on_commit(wake_workers)
    return Added(document, duplicate=False)


def look_again(page: WebPage, *, refetch: str | None = None) -> None:
    """Have the page looked at now, and from now on as often as `refetch` says, where it says anything."""
    WebPage.objects.filter(pk=page.pk).update(refetch=refetch or F("refetch"), due=timezone.now())
    transaction.on_commit(lambda: wake(FETCH_DUE))


def schedule(page: WebPage, refetch: str) -> None:
    """Have the page looked at as often as `refetch` says, counted from the last time."""
    page.refetch = refetch
    page.due = next_look(page, after=page.checked or timezone.now())
    page.save(update_fields=["refetch", "due"])


def next_look(page: WebPage, *, after: datetime) -> datetime | None:
    """Return when the page is to be looked at after a look at that time."""
    return after + page.interval if page.interval else None


def due() -> "QuerySet[WebPage]":
    """Return the pages that are to be looked at now, of documents that have come already."""
    found = WebPage.objects.filter(due__lte=timezone.now(), fetched__isnull=False)
    return found.filter(document__workspace__deleted__isnull=True).order_by("due")
