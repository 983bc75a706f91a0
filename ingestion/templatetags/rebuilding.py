"""Says on pages how far a workspace is on its way to another embedding model."""

from django import template

from ingestion.index import active_space
from ingestion.index.active_space import Rebuilding
from workspaces.models import Workspace

register = template.Library()


@register.simple_tag
def rebuilding(workspace: Workspace) -> Rebuilding | None:
    """Return how far it is; None where nothing is being changed."""
    return active_space.rebuilding(workspace)
