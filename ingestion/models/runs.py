"""Run: the record of one run of indexing a document. Imported by `models`, where Django looks for models."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingestion.errors import messages
from workspaces.models import Workspace


class RunQuerySet(models.QuerySet["Run"]):
    """Runs as a person may reach them."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the documents that `user` may see."""
        return self.filter(document__workspace__in=Workspace.objects.visible_to(user))


class Run(models.Model):
    """One go at indexing a document: how it ended, and what each stage took. Written by `queue.run_recorder`."""

    class Outcome(models.TextChoices):
        """How a run ended."""

        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        POSTPONED = "postponed", _("Postponed")
        STOPPED = "stopped", _("Interrupted")
        CANCELLED = "cancelled", _("Cancelled")

    document = models.ForeignKey(
        "ingestion.Document", on_delete=models.CASCADE, related_name="runs"
    )
    attempt = models.PositiveSmallIntegerField()
    began = models.DateTimeField()
    ended = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_details = models.JSONField(default=dict, blank=True)
    steps = models.JSONField(default=list)  # Of each stage its name, milliseconds and counts.

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.document_id} {self.outcome}"

    @property
    def error(self) -> dict[str, str] | None:
        """What went wrong, for programs and for people."""
        return messages.error(self.error_code, self.error_details)
