"""Writing to the record."""

from typing import TYPE_CHECKING

from django.db import models

from audit.models import Event

if TYPE_CHECKING:
    from accounts.models import User


def record(action: str, *, by: "User | None", about: models.Model | None = None) -> Event:
    """Add one line: `action` as `thing.verb`, for example `workspace.deleted`."""
    return Event.objects.create(
        actor=by,
        actor_label=by.email if by else "",
        action=action,
        target_id=str(about.pk) if about else "",
        target_label=str(about)[:300] if about else "",
    )
