"""Event, a row of the audit log. `audit.services` adds rows; they are never changed."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models

from web.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User


class EventQuerySet(models.QuerySet["Event"]):
    """Queries about events."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """All events for administrators, none for others."""
        return self if user.is_authenticated and user.is_admin else self.none()


class Event(models.Model):
    """An action of an actor on a target, with labels that outlive both."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_label = models.CharField(max_length=254, blank=True)
    action = models.CharField(max_length=64)
    target_id = models.CharField(max_length=64, blank=True)
    target_label = models.CharField(max_length=300, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["action", "-id"], name="event_action")]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.target_label}"
