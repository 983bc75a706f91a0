"""Pages of sources: web pages and watched folders."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ingestion.documents.services import Refused
from ingestion.models.sources import WatchedFolder, WebPage
from ingestion.sources.folders import services as folders
from ingestion.sources.folders.watch_roots import roots_for
from ingestion.sources.web import pages
from web.exceptions import Refusal
from web.requests import AuthenticatedHttpRequest
from workspaces.access import workspace_for
from workspaces.models import Role, Workspace


@login_required
@require_POST
def page_add(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Add a web page by its URL."""
    workspace = workspace_for(request.user, slug, Role.EDITOR)
    outcome = pages.add_page(workspace=workspace, url=request.POST.get("url", ""), by=request.user)
    if isinstance(outcome, Refused):
        messages.error(request, outcome.message)
    elif outcome.duplicate:
        said = _("“%(name)s” already exists; checking it for changes.")
        messages.info(request, said % {"name": outcome.document.name})
    return redirect("document_list", slug)


@login_required
@require_POST
def page_change(request: AuthenticatedHttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """Set the interval at which a page is fetched again, or fetch it now."""
    workspace = workspace_for(request.user, slug)
    found = WebPage.objects.visible_to(request.user).filter(document__workspace=workspace)
    page = get_object_or_404(found, document=document_id)
    workspace_for(request.user, slug, Role.EDITOR)
    refetch = request.POST.get("refetch", "")
    if "now" in request.POST:
        pages.look_again(page)
        messages.success(request, _("Checking the page for changes."))
    elif refetch in WebPage.Refetch.values:
        pages.schedule(page, refetch)
        messages.success(request, _("Saved."))
    return redirect("document_detail", slug, document_id)


@login_required
@require_http_methods(["GET", "POST"])
def folder_list(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """The watched folders of a workspace; for owners."""
    workspace = workspace_for(request.user, slug, Role.OWNER)
    if request.method != "POST":
        return _folders(request, workspace)
    path = request.POST.get("path", "")
    try:
        folders.connect_folder(workspace=workspace, path=path, by=request.user)
    except Refusal as refusal:
        return _folders(request, workspace, path=path, error=str(refusal), status=400)
    messages.success(request, _("The folder is connected. Its files are being added."))
    return redirect("folder_list", slug)


def _folders(
    request: AuthenticatedHttpRequest, workspace: Workspace, status: int = 200, **more: Any
) -> HttpResponse:
    found = folders.folders_of(workspace)
    context = {
        "workspace": workspace,
        "folders": found,
        "roots": roots_for(workspace),
        "troubles": folders.troubles_in(*found),
        "grace_hours": settings.WATCH_GRACE_HOURS,
        **more,
    }
    return render(request, "ingestion/folder_list.html", context, status=status)


@login_required
@require_POST
def folder_disconnect(
    request: AuthenticatedHttpRequest, slug: str, folder_id: UUID
) -> HttpResponse:
    """Stop watching a folder."""
    workspace = workspace_for(request.user, slug, Role.OWNER)
    folder = get_object_or_404(
        WatchedFolder.objects.visible_to(request.user), pk=folder_id, workspace=workspace
    )
    folders.disconnect_folder(
        folder, by=request.user, delete_documents="delete_documents" in request.POST
    )
    messages.success(request, _("The folder is disconnected."))
    return redirect("folder_list", slug)
