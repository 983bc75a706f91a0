"""Pages of workspaces: list, settings, members.

`chat` and `ingestion` have those of conversations and documents.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Group
from web.exceptions import Refusal
from web.requests import AuthenticatedHttpRequest
from workspaces import services
from workspaces.access import require_role, workspace_for
from workspaces.forms import MemberForm, SettingsForm, WorkspaceForm
from workspaces.models import Membership, Role, Workspace


@login_required
@require_safe
def workspace_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The user's workspaces, with counts of ready documents and the time of the last question."""
    mine = Q(conversations__owner=request.user)
    # A subquery: a join with conversations would multiply the counted documents.
    asked = Workspace.objects.filter(pk=OuterRef("pk")).annotate(
        last=Max("conversations__changed", filter=mine)
    )
    workspaces = Workspace.objects.visible_to(request.user).annotate(
        document_count=Count("documents"),
        ready_count=Count("documents", filter=Q(documents__status="ready")),
        last_asked=Subquery(asked.values("last")),
    )
    return render(request, "workspaces/workspace_list.html", {"workspaces": workspaces})


@login_required
@require_http_methods(["GET", "POST"])
def workspace_create(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Create a workspace and redirect to its documents."""
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workspace = services.create_workspace(
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            by=request.user,
        )
        return redirect("document_list", workspace.slug)
    return render(
        request,
        "workspaces/workspace_form.html",
        {"form": form},
        status=400 if form.errors else 200,
    )


@login_required
@require_http_methods(["GET", "POST"])
def workspace_settings(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Name, description and settings; for owners."""
    workspace = workspace_for(request.user, slug, Role.OWNER)
    form = SettingsForm(
        request.POST or None, instance=Workspace.objects.get(pk=workspace.pk), user=request.user
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_workspace(workspace, by=request.user, **form.cleaned_data)
        except ValidationError as exc:
            form.add_error(None, exc)
        else:
            messages.success(request, _("Saved."))
            return redirect("workspace_settings", slug)
    context = {"workspace": workspace, "form": form}
    return render(
        request, "workspaces/workspace_settings.html", context, status=400 if form.errors else 200
    )


@login_required
@require_POST
def workspace_delete(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Delete a workspace with its contents; the user confirms by typing its name."""
    workspace = workspace_for(request.user, slug, Role.OWNER)
    if request.POST.get("name", "").strip() != workspace.name:
        messages.error(request, _("Type the workspace's name to delete it."))
        return redirect("workspace_settings", slug)
    services.delete_workspace(workspace, by=request.user)
    messages.success(request, _("The workspace “%(name)s” has been deleted.") % {"name": workspace})
    return redirect("workspace_list")


@login_required
@require_http_methods(["GET", "POST"])
def member_list(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """The members and their roles; owners add users and groups."""
    workspace = workspace_for(
        request.user, slug, Role.OWNER if request.method == "POST" else Role.VIEWER
    )
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_member(
                workspace, holder=form.holder, role=Role(form.cleaned_data["role"]), by=request.user
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(holder)s is now a member.") % {"holder": form.holder})
            return redirect("member_list", slug)
    context = {
        "workspace": workspace,
        "members": workspace.memberships.select_related("user", "group"),
        "roles": Role.choices,
        "my_role": workspace.role_of(request.user),
        "form": form,
        "groups": Group.objects.visible_to(request.user),
    }
    return render(
        request, "workspaces/member_list.html", context, status=400 if form.errors else 200
    )


@login_required
@require_POST
def member_change(request: AuthenticatedHttpRequest, slug: str, membership_id: str) -> HttpResponse:
    """Give a member another role."""
    workspace = workspace_for(request.user, slug, Role.OWNER)
    membership = get_object_or_404(
        Membership.objects.visible_to(request.user), pk=membership_id, workspace=workspace
    )
    role = request.POST.get("role", "")
    if role not in Role.values:
        messages.error(request, _("Choose a role."))
        return redirect("member_list", slug)
    try:
        services.change_role(membership, role=Role(role), by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("member_list", slug)


@login_required
@require_POST
def member_remove(request: AuthenticatedHttpRequest, slug: str, membership_id: str) -> HttpResponse:
    """End a membership: owners any, other members their own."""
    workspace = workspace_for(request.user, slug)
    membership = get_object_or_404(
        Membership.objects.visible_to(request.user), pk=membership_id, workspace=workspace
    )
    if membership.user != request.user:
        require_role(request.user, workspace, Role.OWNER)
    try:
        services.remove_member(membership, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    still_here = Workspace.objects.visible_to(request.user).filter(pk=workspace.pk).exists()
    return redirect("member_list", slug) if still_here else redirect("workspace_list")
