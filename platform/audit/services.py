"""Writes to the audit log."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models

from audit.models import Event

if TYPE_CHECKING:
    from accounts.models import User


def record(action: str, *, by: "User | None", about: models.Model | None = None) -> Event:
    """Add one event; `action` is `thing.verb`, for example `workspace.deleted`."""
    event = _event(action, by, about)
    event.save(force_insert=True)
    return event


def record_each(action: str, *, by: "User | None", about: Iterable[models.Model]) -> None:
    """Add one event for each object, in one statement."""
    Event.objects.bulk_create(_event(action, by, thing) for thing in about)


def _event(action: str, by: "User | None", about: models.Model | None) -> Event:
    return Event(
        actor=by,
        actor_label=by.email if by else "",
        action=action,
        target_id=str(about.pk) if about else "",
        target_label=str(about)[:300] if about else "",
    )
