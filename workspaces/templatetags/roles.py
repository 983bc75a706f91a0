"""What a page may offer, by the role of its reader. Whether an action is allowed is decided in `access`, not here."""

from django import template
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from workspaces.models import Workspace

register = template.Library()


@register.filter
def role_in(user: User | AnonymousUser, workspace: Workspace) -> str:
    """Return the role of `user` in `workspace`, or nothing."""
    return workspace.role_of(user) or ""
