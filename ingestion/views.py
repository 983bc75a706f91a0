"""Pages of documents: the list with its upload, one document with its chunks, and what can be done to it."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ingestion import downloads, services, version_pages, versions
from ingestion.models import Chunk, Document
from ingestion.samples import sample_for
from ingestion.uploads import offers_in
from web.exceptions import Refusal
from web.partials import render_page_or_partial
from web.requests import AuthenticatedHttpRequest
from workspaces.access import workspace_for
from workspaces.models import Role, Workspace

ROWS = 50
MOST_MEMBERS = 500  # Named on the page of an archive.
STATUSES = Document.Status


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def document_list(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """The documents of one workspace; htmx polls the table alone. A form without script adds documents here."""
    if request.method == "POST":
        return _add(request, workspace_for(request.user, slug, Role.EDITOR))
    workspace = workspace_for(request.user, slug)
    query, status = request.GET.get("q", ""), request.GET.get("status", "")
    documents = Document.objects.filter(workspace=workspace).select_related("blob").called(query)
    if status in STATUSES.values:
        documents = documents.filter(status=status)
    page = Paginator(documents, ROWS).get_page(request.GET.get("page"))
    context = {
        **_context(request, workspace),
        **_counts(workspace),
        "documents": page.object_list,
        "page": page,
        "query": query,
        "status": status,
        "statuses": STATUSES.choices,
        "max_document_bytes": settings.MAX_DOCUMENT_BYTES,
    }
    return render_page_or_partial(request, "ingestion/document_list.html", context, partial="document-table")


def _context(request: AuthenticatedHttpRequest, workspace: Workspace) -> dict[str, Any]:
    return {"workspace": workspace, "can_edit": workspace.role_of(request.user) in {Role.EDITOR, Role.OWNER}}


def _counts(workspace: Workspace) -> dict[str, Any]:
    counts = Document.objects.filter(workspace=workspace).aggregate(
        document_count=Count("pk"),
        ready_count=Count("pk", filter=Q(status=STATUSES.READY)),
        unfinished=Count("pk", filter=Q(status__in=services.UNFINISHED)),
    )
    return {**counts, "is_working": counts["unfinished"] > 0}


def _add(request: AuthenticatedHttpRequest, workspace: Workspace) -> HttpResponse:
    outcomes = services.add_documents(
        workspace=workspace, offers=offers_in(request.FILES, request.POST), by=request.user
    )
    for outcome in outcomes:
        if isinstance(outcome, services.Refused):
            messages.error(request, f"{outcome.name}: {outcome.message}")
        elif outcome.duplicate:
            messages.info(request, _("“%(name)s” is here already.") % {"name": outcome.document.name})
    added = sum(isinstance(outcome, services.Added) and outcome.is_news for outcome in outcomes)
    if added:
        messages.success(request, ngettext("%d document was added.", "%d documents were added.", added) % added)
    if not outcomes:
        messages.error(request, _("Choose at least one document."))
    return redirect("document_list", workspace.slug)


@login_required
@require_POST
def document_sample(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Add the sample document that comes along, in the language of the pages."""
    workspace = workspace_for(request.user, slug, Role.EDITOR)
    offer = sample_for(get_language()).offer
    for outcome in services.add_documents(workspace=workspace, offers=[offer], by=request.user):
        if isinstance(outcome, services.Refused):
            messages.error(request, outcome.message)
    return redirect("document_list", slug)


@login_required
@require_safe
def document_detail(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """One document: what is known of it, and its chunks."""
    workspace = workspace_for(request.user, slug)
    document = _document(request, workspace, document_id)
    if (elsewhere := version_pages.elsewhere(request, document)) is not None:
        return elsewhere
    chunks = Chunk.objects.visible_to(request.user).filter(document=document).defer("terms", "weights")
    page = Paginator(chunks.order_by("position"), ROWS).get_page(_page_of_chunks(request, chunks))
    context = {
        **_context(request, workspace),
        "document": document,
        "versions": versions.versions_of(document),
        "members": document.members.order_by("name")[:MOST_MEMBERS] if document.contents else [],
        "chunks": page.object_list,
        "page": page,
    }
    return render_page_or_partial(request, "ingestion/document_detail.html", context, partial="document")


def _page_of_chunks(request: AuthenticatedHttpRequest, chunks: QuerySet[Chunk]) -> str | int | None:
    """Return the number of the page wanted: a citation names its chunk, not the page that this list has it on."""
    with suppress(ValueError):
        cited = chunks.filter(pk=UUID(request.GET.get("chunk", ""))).values_list("position", flat=True).first()
        if cited is not None:
            return cited // ROWS + 1
    return request.GET.get("page")


def _document(request: AuthenticatedHttpRequest, workspace: Workspace, document_id: UUID) -> Document:
    documents = Document.objects.visible_to(request.user).filter(workspace=workspace)
    return get_object_or_404(documents.select_related("blob", "added_by", "archive"), pk=document_id)


@login_required
@require_safe
def document_file(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponseBase:
    """The original, byte for byte."""
    return downloads.original(request, _document(request, workspace_for(request.user, slug), document_id))


@login_required
@require_POST
def document_retry(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """Try a document again, with its password if it has one."""
    document = _editable(request, slug, document_id)
    try:
        document = services.retry_document(document, password=request.POST.get("password", ""))
    except Refusal as refusal:
        return _row_or_page(request, document, refusal)
    return _row_or_page(request, document)


@login_required
@require_POST
def document_cancel(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """Stop the work on a document."""
    document = _editable(request, slug, document_id)
    try:
        document = services.cancel_document(document)
    except Refusal as refusal:
        return _row_or_page(request, document, refusal)
    return _row_or_page(request, document)


@login_required
@require_POST
def document_pin(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """Pin a document, or take the pin out where the form says so."""
    document = _editable(request, slug, document_id)
    pinned = request.POST.get("pinned", "true") == "true"
    return _row_or_page(request, services.pin_document(document, pinned=pinned))


@login_required
@require_POST
def document_delete(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """Delete a document; htmx takes its row out by itself."""
    document = _editable(request, slug, document_id)
    services.delete_document(document, by=request.user)
    if request.htmx:
        return HttpResponse()
    messages.success(request, _("“%(name)s” has been deleted.") % {"name": document.name})
    return redirect("document_list", slug)


def _editable(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> Document:
    document = _document(request, workspace_for(request.user, slug), document_id)
    document.workspace = workspace_for(request.user, slug, Role.EDITOR)
    return document


def _row_or_page(request: AuthenticatedHttpRequest, document: Document, refusal: Refusal | None = None) -> HttpResponse:
    """Answer htmx with the row as it is now, a form without script with the document's page."""
    workspace = document.workspace
    if request.htmx:
        context = {**_context(request, workspace), "document": _document(request, workspace, document.pk)}
        return render(request, "ingestion/document_list.html#document-row", context)
    if refusal is not None:
        messages.error(request, str(refusal))
    return redirect("document_detail", workspace.slug, document.pk)
