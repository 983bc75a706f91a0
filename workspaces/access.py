"""From a slug to a workspace, with 404 and 403.

Callers who may not see the workspace get 404, callers whose role does not suffice get 403.
"""

from typing import Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import User
from web.compiled_querysets import CompiledQueryset, columns, instance
from workspaces.exceptions import NotAllowed
from workspaces.models import RANK_BY_ROLE, Role, Workspace, WorkspaceQuerySet


def workspace_for(user: User | AnonymousUser, slug: str, role: Role = Role.VIEWER) -> Workspace:
    """Return the workspace of this slug; raises `Http404`, or `NotAllowed` below `role`."""
    workspace = _held(user, slug, role)  # One query in the usual case: each upload calls this.
    if workspace is not None:
        return workspace
    if role != Role.VIEWER and _held(user, slug, Role.VIEWER):
        raise NotAllowed
    raise Http404(_("Not found, or you do not have access."))


def _held(user: User | AnonymousUser, slug: str, role: Role) -> Workspace | None:
    rows = _WORKSPACE_BY_ROLE[role].rows(user.pk, slug) if user.is_authenticated else []
    return instance(Workspace, rows[0]) if rows else None


_WORKSPACE_BY_ROLE: Final = {
    role: CompiledQueryset(
        lambda user, slug, narrowed=narrowed: narrowed(
            Workspace.objects.filter(slug=slug), User(pk=user)
        ).values_list(*columns(Workspace)),
        UUID,
        str,
    )
    for role, narrowed in {
        Role.VIEWER: WorkspaceQuerySet.visible_to,
        Role.EDITOR: WorkspaceQuerySet.editable_by,
        Role.OWNER: WorkspaceQuerySet.owned_by,
    }.items()
}


def require_role(user: "User | AnonymousUser", workspace: Workspace, role: Role) -> None:
    """Raise `NotAllowed` if the role of `user` in a visible workspace is below `role`."""
    if role == Role.VIEWER:
        return
    held = workspace.role_of(user)
    if held is None or RANK_BY_ROLE[held] < RANK_BY_ROLE[role]:
        raise NotAllowed
