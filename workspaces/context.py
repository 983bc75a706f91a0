"""The navigation of all pages."""

from typing import Any

from django.http import HttpRequest

from workspaces.models import Workspace


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Provide the workspaces of the user.

    The queryset is lazy, so pages without navigation query nothing.
    """
    user = getattr(request, "user", None)
    return {"my_workspaces": Workspace.objects.visible_to(user) if user is not None else []}
