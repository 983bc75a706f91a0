"""From a slug to a workspace that the caller may use: 404 for what they may not see, 403 for what they may not do."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils.translation import gettext as _

from workspaces.exceptions import NotAllowed
from workspaces.models import RANK, Role, Workspace

if TYPE_CHECKING:
    from accounts.models import User


def workspace_for(user: "User | AnonymousUser", slug: str, role: Role = Role.VIEWER) -> Workspace:
    """Return the workspace of this slug; raises `Http404`, or `NotAllowed` where `user` has less than `role`."""
    found = Workspace.objects.filter(slug=slug)
    held = {Role.VIEWER: found.visible_to, Role.EDITOR: found.editable_by, Role.OWNER: found.owned_by}
    workspace = held[role](user).first()  # One look where all is well: it is done with every upload.
    if workspace is not None:
        return workspace
    if role != Role.VIEWER and found.visible_to(user).exists():
        raise NotAllowed
    raise Http404(_("There is nothing here that you may see."))


def require_role(user: "User | AnonymousUser", workspace: Workspace, role: Role) -> None:
    """Raise `NotAllowed` where `user` has less than `role` in a workspace that they may see."""
    if role == Role.VIEWER:
        return
    held = workspace.role_of(user)
    if held is None or RANK[held] < RANK[role]:
        raise NotAllowed
