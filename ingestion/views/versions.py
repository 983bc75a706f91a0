"""Pages of a document's versions: chunks, original, restore and delete."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ingestion.documents import versions
from ingestion.models import Document, PastChunk
from ingestion.transfer import downloads
from web.exceptions import Refusal
from web.requests import AuthenticatedHttpRequest
from workspaces.access import require_role, workspace_for
from workspaces.models import Role

ROWS_PER_PAGE = 50
MAX_NUMBER_DIGITS = 9  # Fits an integer of PostgreSQL.


@login_required
@require_safe
def version_detail(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID, number: int
) -> HttpResponse:
    """One version: its details and chunks."""
    document = _document(request, slug, document_id)
    chunks = versions.chunks_of(document, number)
    chunk = _chunk_in(request)
    cited = chunks.filter(pk=chunk).values_list("position", flat=True).first() if chunk else None
    page = Paginator(chunks, ROWS_PER_PAGE).get_page(
        request.GET.get("page") if cited is None else cited // ROWS_PER_PAGE + 1
    )
    context = {
        "workspace": document.workspace,
        "can_edit": document.workspace.role_of(request.user) in {Role.EDITOR, Role.OWNER},
        "document": document,
        "version": versions.version_of(document, number),
        "chunks": page.object_list,
        "page": page,
    }
    return render(request, "ingestion/version_detail.html", context)


@login_required
@require_safe
def version_file(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID, number: int
) -> HttpResponseBase:
    """The original of a version, byte for byte."""
    return downloads.original(
        request, versions.version_of(_document(request, slug, document_id), number)
    )


@login_required
@require_POST
def version_restore(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID, number: int
) -> HttpResponse:
    """Restore a version as the newest one."""
    document = _document(request, slug, document_id, Role.EDITOR)
    return _done(request, document, lambda: versions.restore(document, number, by=request.user))


@login_required
@require_POST
def version_delete(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID, number: int
) -> HttpResponse:
    """Delete a version."""
    document = _document(request, slug, document_id, Role.EDITOR)
    deleted = _("Version %(number)s has been deleted.") % {"number": number}
    return _done(
        request, document, lambda: versions.delete(document, number, by=request.user), deleted
    )


def _done(
    request: AuthenticatedHttpRequest, document: Document, act: Callable[[], None], told: str = ""
) -> HttpResponse:
    """Run `act`, show `told` or the refusal as a message, and redirect to the document."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        if told:
            messages.success(request, told)
    return redirect("document_detail", document.workspace.slug, document.pk)


def elsewhere(request: AuthenticatedHttpRequest, document: Document) -> HttpResponse | None:
    """Redirect an old citation to its version; None if that version is the serving one."""
    chunk, wanted = _chunk_in(request), request.GET.get("version", "")
    if wanted.isascii() and wanted.isdecimal() and len(wanted) <= MAX_NUMBER_DIGITS:
        number: int | None = int(wanted)
    else:
        past = (
            PastChunk.objects.filter(version__document=document, pk=chunk)
            if chunk
            else PastChunk.objects.none()
        )
        number = past.values_list("version__number", flat=True).first()
    if number is None or number == document.serving:
        return None
    if all(version.number != number for version in versions.versions_of(document)):
        said = _("Version %(number)s has been deleted; this is the current version.")
        messages.info(request, said % {"number": number})
        return None
    address = reverse("version_detail", args=[document.workspace.slug, document.pk, number])
    return redirect(f"{address}?chunk={chunk}" if chunk else address)


def _chunk_in(request: AuthenticatedHttpRequest) -> UUID | None:
    with suppress(ValueError):
        return UUID(request.GET.get("chunk", ""))
    return None


def _document(
    request: AuthenticatedHttpRequest, slug: str, document_id: UUID, role: Role = Role.VIEWER
) -> Document:
    workspace = workspace_for(request.user, slug)
    documents = Document.objects.visible_to(request.user).filter(workspace=workspace)
    document = get_object_or_404(
        documents.select_related("blob", "added_by", "workspace"), pk=document_id
    )
    require_role(request.user, workspace, role)
    return document
