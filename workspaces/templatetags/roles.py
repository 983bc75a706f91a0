"""The reader's role, by which pages offer actions. `access` enforces permissions."""

from django import template
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from workspaces.models import Workspace

register = template.Library()


@register.filter
def role_in(user: User | AnonymousUser, workspace: Workspace) -> str:
    """Return the role of `user` in `workspace`, "" for none."""
    return workspace.role_of(user) or ""
