"""What the navigation of every page shows."""

from typing import Any

from django.http import HttpRequest

from workspaces.models import Workspace


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give templates the workspaces of the signed-in user; nothing is asked of the database until a template looks."""
    user = getattr(request, "user", None)
    return {"my_workspaces": Workspace.objects.visible_to(user) if user is not None else []}
