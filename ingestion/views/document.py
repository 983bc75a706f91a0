"""Pages of one document: its details, chunks and actions. Lists are in `document_list`."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ingestion.documents import services, versions
from ingestion.models import Chunk, Document
from ingestion.models.sources import WatchedFolder
from ingestion.pipeline import parse_servers
from ingestion.transfer import downloads
from ingestion.views import run_history
from ingestion.views import versions as version_pages
from ingestion.views.document_list import (
    DISPLAYED_FIELDS,
    ROWS_PER_PAGE,
    STATE_HEADER,
    context_of,
    digest,
    places_of,
)
from web.exceptions import Refusal
from web.partials import render_page_or_partial
from web.requests import AuthenticatedHttpRequest
from workspaces.access import workspace_for
from workspaces.models import Role, Workspace

MAX_LISTED_MEMBERS = 500


@login_required
@require_safe
def document_detail(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID
) -> HttpResponse:
    """One document: details, processing history and chunks. htmx polls while it is unfinished."""
    workspace = workspace_for(request.user, slug)
    document = _document(request, workspace, document_id)
    if (elsewhere := version_pages.elsewhere(request, document)) is not None:
        return elsewhere
    places = places_of(workspace, [document])
    state = digest([getattr(document, name) for name in DISPLAYED_FIELDS], places)
    if request.htmx and request.headers.get(STATE_HEADER) == state:
        return HttpResponse(status=204)
    chunks = (
        Chunk.objects.visible_to(request.user).filter(document=document).defer("terms", "weights")
    )
    page = Paginator(chunks.order_by("position"), ROWS_PER_PAGE).get_page(
        _page_of_chunks(request, chunks)
    )
    context = {
        **context_of(request, workspace),
        "document": document,
        "parsed_by": parse_servers.shown(document),
        "parse_servers": parse_servers.choices(document),
        "places": places,
        "seen": state,
        "history": run_history.told(document),
        "versions": versions.versions_of(document),
        "folder": WatchedFolder.objects.filter(files__document=document).first(),
        "members": document.members.order_by("id")[:MAX_LISTED_MEMBERS]
        if document.contents
        else [],
        "chunks": page.object_list,
        "page": page,
    }
    return render_page_or_partial(
        request, "ingestion/document_detail.html", context, partial="document"
    )


def _page_of_chunks(request: AuthenticatedHttpRequest, chunks: QuerySet[Chunk]) -> str | int | None:
    """Return the requested page, which for a citation is the page of its chunk."""
    with suppress(ValueError):
        cited = (
            chunks.filter(pk=UUID(request.GET.get("chunk", "")))
            .values_list("position", flat=True)
            .first()
        )
        if cited is not None:
            return cited // ROWS_PER_PAGE + 1
    return request.GET.get("page")


def _document(
    request: AuthenticatedHttpRequest, workspace: Workspace, document_id: UUID
) -> Document:
    documents = Document.objects.visible_to(request.user).filter(workspace=workspace)
    return get_object_or_404(
        documents.select_related("blob", "added_by", "archive", "web_page"), pk=document_id
    )


@login_required
@require_safe
def document_file(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID
) -> HttpResponseBase:
    """The original, byte for byte."""
    return downloads.original(
        request, _document(request, workspace_for(request.user, slug), document_id)
    )


@login_required
@require_POST
def document_retry(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """Retry a document, with a password if required."""
    document = _editable(request, slug, document_id)
    try:
        document = services.retry_document(document, password=request.POST.get("password", ""))
    except Refusal as refusal:
        return _row_or_page(request, document, refusal)
    return _row_or_page(request, document)


@login_required
@require_POST
def document_cancel(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID
) -> HttpResponse:
    """Cancel the processing of a document."""
    document = _editable(request, slug, document_id)
    try:
        document = services.cancel_document(document)
    except Refusal as refusal:
        return _row_or_page(request, document, refusal)
    return _row_or_page(request, document)


@login_required
@require_POST
def document_read(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """Parse a document again, by the selected parse server or by the built-in parsers."""
    document = _editable(request, slug, document_id)
    try:
        parse_servers.read_with(document, server=request.POST.get("server", ""), by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("document_detail", slug, document.pk)


@login_required
@require_POST
def document_pin(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """Pin a document, or unpin it if the form says `pinned=false`."""
    document = _editable(request, slug, document_id)
    pinned = request.POST.get("pinned", "true") == "true"
    return _row_or_page(request, services.pin_document(document, pinned=pinned))


@login_required
@require_POST
def document_rename(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID
) -> HttpResponse:
    """Rename a document."""
    document = _editable(request, slug, document_id)
    try:
        services.rename_document(
            document, name=request.POST.get("name", "").strip() or document.name
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("document_detail", slug, document.pk)


@login_required
@require_POST
def document_delete(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID
) -> HttpResponse:
    """Delete a document. The empty response lets htmx remove the row."""
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


def _row_or_page(
    request: AuthenticatedHttpRequest, document: Document, refusal: Refusal | None = None
) -> HttpResponse:
    """Return the current row to htmx, and redirect a form without script to the document."""
    workspace = document.workspace
    if request.htmx:
        shown = _document(request, workspace, document.pk)
        context = {
            **context_of(request, workspace),
            "document": shown,
            "places": places_of(workspace, [shown]),
        }
        return render(request, "ingestion/document_list.html#document-row", context)
    if refusal is not None:
        messages.error(request, str(refusal))
    return redirect("document_detail", workspace.slug, document.pk)
