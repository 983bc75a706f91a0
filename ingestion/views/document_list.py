"""Pages of many documents: the list, uploads, and bulk actions."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ingestion.documents import bulk, filters, services
from ingestion.documents.bulk import Action
from ingestion.documents.filters import DocumentFilter
from ingestion.models import Document
from ingestion.queue import claims
from ingestion.samples import sample_for
from ingestion.transfer.uploads import offers_in
from web.partials import render_page_or_partial
from web.requests import AuthenticatedHttpRequest
from workspaces.access import workspace_for
from workspaces.models import Role, Workspace

ROWS_PER_PAGE = 50
STATE_HEADER = "X-Seen"  # The `digest` of the state that the polling page shows.
DISPLAYED_FIELDS = (
    *("name", "title", "status", "stage", "progress", "done", "total", "version", "stand_in"),
    *("pinned", "chunk_count", "without_vector", "error_code", "contents"),
)
STATUSES = Document.Status


class _Counted(Paginator[Document]):
    """Paginator that uses a known number of documents instead of a query."""

    def __init__(self, documents: "QuerySet[Document]", known: int | None) -> None:
        super().__init__(documents, ROWS_PER_PAGE)
        self._known = known

    @cached_property
    def count(self) -> int:
        return super().count if self._known is None else self._known


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def document_list(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """The documents of one workspace. A form without script adds documents here.

    htmx polls the table while documents are unfinished. The response is 204 if nothing has changed.
    """
    if request.method == "POST":
        return _add(request, workspace_for(request.user, slug, Role.EDITOR))
    workspace = workspace_for(request.user, slug)
    wanted, counts = DocumentFilter.read(request.GET), filters.counts(workspace)
    page = _page(request, workspace, wanted, counts)
    places = places_of(workspace, page.object_list)
    state = _state(page, counts, places)
    if request.htmx and request.headers.get(STATE_HEADER) == state:
        return HttpResponse(status=204)
    context = {
        **context_of(request, workspace),
        **_about(workspace, wanted, counts),
        "documents": page.object_list,
        "page": page,
        "places": places,
        "seen": state,
    }
    return render_page_or_partial(
        request, "ingestion/document_list.html", context, partial="document-table"
    )


def context_of(request: AuthenticatedHttpRequest, workspace: Workspace) -> dict[str, Any]:
    """Return the context that every page of documents needs."""
    return {
        "workspace": workspace,
        "can_edit": workspace.role_of(request.user) in {Role.EDITOR, Role.OWNER},
    }


def _page(
    request: AuthenticatedHttpRequest,
    workspace: Workspace,
    wanted: DocumentFilter,
    counts: dict[str, int],
) -> Page[Document]:
    documents = Document.objects.filter(workspace=workspace).select_related(
        "blob", "archive", "web_page"
    )
    found = wanted.ordered(wanted.among(documents), is_working=counts[STATUSES.PROCESSING] > 0)
    return _Counted(found, counts["all"] if wanted.is_everything else None).get_page(
        request.GET.get("page")
    )


def places_of(workspace: Workspace, documents: Iterable[Document]) -> dict[UUID, int]:
    """Return the places in the queue of the queued `documents`."""
    waiting = [document.pk for document in documents if document.status == STATUSES.QUEUED]
    return claims.places(workspace.pk, among=waiting) if waiting else {}


def _about(workspace: Workspace, wanted: DocumentFilter, counts: dict[str, int]) -> dict[str, Any]:
    unfinished = counts[STATUSES.QUEUED] + counts[STATUSES.PROCESSING]
    return {
        "wanted": wanted,
        "document_count": counts["all"],
        "ready_count": counts[STATUSES.READY],
        "waiting_count": counts[STATUSES.QUEUED],
        "failed_count": counts[STATUSES.FAILED],
        "is_working": unfinished > 0,
        "reasons": filters.reasons(workspace) if counts[STATUSES.FAILED] else [],
        "kinds": lambda: filters.kinds(workspace),  # A query that only the whole page needs.
        "statuses": STATUSES.choices,
        "orders": filters.ORDERS.items(),
        "max_document_bytes": settings.MAX_DOCUMENT_BYTES,
    }


def _state(page: Page[Document], counts: dict[str, int], places: dict[UUID, int]) -> str:
    """Return a digest that changes whenever the table does."""
    rows = [
        (row.pk, *(getattr(row, name) for name in DISPLAYED_FIELDS), places.get(row.pk))
        for row in page.object_list
    ]
    return digest(rows, page.number, page.paginator.count, sorted(counts.items()))


def digest(*shown: Any) -> str:
    """Return a short digest of the displayed values and the language of the page."""
    return hashlib.blake2b(repr((shown, get_language())).encode(), digest_size=8).hexdigest()


def _add(request: AuthenticatedHttpRequest, workspace: Workspace) -> HttpResponse:
    outcomes = services.add_documents(
        workspace=workspace, offers=offers_in(request.FILES, request.POST), by=request.user
    )
    for outcome in outcomes:
        if isinstance(outcome, services.Refused):
            messages.error(request, f"{outcome.name}: {outcome.message}")
        elif outcome.duplicate:
            messages.info(
                request, _("“%(name)s” already exists.") % {"name": outcome.document.name}
            )
    added = sum(isinstance(outcome, services.Added) and outcome.is_news for outcome in outcomes)
    if added:
        messages.success(
            request, ngettext("%d document was added.", "%d documents were added.", added) % added
        )
    if not outcomes:
        messages.error(request, _("Select at least one document."))
    return redirect("document_list", workspace.slug)


@login_required
@require_POST
def document_sample(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Add the sample document in the language of the interface."""
    workspace = workspace_for(request.user, slug, Role.EDITOR)
    offer = sample_for(get_language()).offer
    for outcome in services.add_documents(workspace=workspace, offers=[offer], by=request.user):
        if isinstance(outcome, services.Refused):
            messages.error(request, outcome.message)
    return redirect("document_list", slug)


@login_required
@require_POST
def document_bulk(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Apply an action to the selected documents, or to all that match the filter of the list.

    A deletion that no script has confirmed is confirmed on a separate page.
    """
    workspace = workspace_for(request.user, slug, Role.EDITOR)
    documents = _chosen(request, workspace)
    back = f"{reverse('document_list', args=[slug])}?{QueryDict(request.POST.get('back', '')).urlencode()}".rstrip(
        "?"
    )
    if request.POST.get("action") not in set(Action) or documents is None:
        messages.error(request, _("Select at least one document."))
        return redirect(back)
    action = Action(request.POST["action"])
    if action == Action.DELETE and not request.POST.get("confirmed"):
        context = {**context_of(request, workspace), "number": documents.count(), "back": back}
        return render(
            request, "ingestion/bulk_delete.html", {**context, "said": request.POST.lists()}
        )
    done = bulk.act(action, documents, by=request.user)
    messages.add_message(request, messages.SUCCESS if done else messages.INFO, _said(action, done))
    return redirect(back)


def _chosen(request: AuthenticatedHttpRequest, workspace: Workspace) -> "QuerySet[Document] | None":
    """Return the documents that match the filter, or the selected ones; None for no selection."""
    documents = Document.objects.editable_by(request.user).filter(workspace=workspace)
    if request.POST.get("all"):
        return DocumentFilter.read(request.POST).among(documents)
    ids = []
    for raw in request.POST.getlist("document"):
        with suppress(ValueError):
            ids.append(UUID(raw))
    return documents.filter(pk__in=ids) if ids else None


def _said(action: Action, done: int) -> str:
    if not done:
        return _("Nothing was changed: the action does not apply to the selected documents.")
    said: str = {
        Action.DELETE: ngettext("%d document was deleted.", "%d documents were deleted.", done),
        Action.PIN: ngettext("%d document was pinned.", "%d documents were pinned.", done),
        Action.UNPIN: ngettext("%d document was unpinned.", "%d documents were unpinned.", done),
        Action.RETRY: ngettext(
            "%d document is being processed again.", "%d documents are being processed again.", done
        ),
        Action.CANCEL: ngettext("%d document was cancelled.", "%d documents were cancelled.", done),
    }[action]
    return said % done
