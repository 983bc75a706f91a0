"""The progress of a workspace towards another embedding model."""

from django import template

from ingestion.index import active_space
from ingestion.index.active_space import Rebuilding
from workspaces.models import Workspace

register = template.Library()


@register.simple_tag
def rebuilding(workspace: Workspace) -> Rebuilding | None:
    """Return the progress; None without a change of model."""
    return active_space.rebuilding(workspace)
