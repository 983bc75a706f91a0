"""Says on pages how far a workspace is on its way to another embedding model."""

from django import template

from ingestion import serving
from ingestion.serving import Rebuilding
from workspaces.models import Workspace

register = template.Library()


@register.simple_tag
def rebuilding(workspace: Workspace) -> Rebuilding | None:
    """Return how far it is; None where nothing is being changed."""
    return serving.rebuilding(workspace)
