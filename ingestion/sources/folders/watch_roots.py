"""The folders that workspaces may follow: those below the roots in WATCH_ROOTS."""

import os
from pathlib import Path

from django.conf import settings

from workspaces.models import Workspace


def roots_for(workspace: Workspace) -> list[Path]:
    """Return the roots below which `workspace` may follow folders."""
    found = []
    for entry in settings.WATCH_ROOTS:
        slug, is_for_one, path = entry.partition("=")
        if not is_for_one or slug.strip() == workspace.slug:
            found.append(Path(path.strip() if is_for_one else entry))
    return [path for path in found if path.is_absolute()]


def root_of(workspace: Workspace, path: Path) -> Path | None:
    """Return the root of `path` after resolving links; None if `workspace` may not follow it."""
    if not path.is_absolute():
        return None
    real = Path(os.path.realpath(path))
    return next(
        (root for root in roots_for(workspace) if real.is_relative_to(os.path.realpath(root))), None
    )
