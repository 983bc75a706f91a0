"""Run: the record of one run of indexing a document.

Imported by `models`, where Django looks for models.
"""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingestion.errors import messages
from workspaces.models import Workspace


class RunQuerySet(models.QuerySet["Run"]):
    """Runs, narrowed by permission."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the documents that `user` may see."""
        return self.filter(document__workspace__in=Workspace.objects.visible_to(user))


class Run(models.Model):
    """One run of indexing a document: outcome and stages. Written by `queue.run_recorder`."""

    class Outcome(models.TextChoices):
        """The outcome of a run."""

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
    steps = models.JSONField(default=list)  # Name, milliseconds and counts of each stage.

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.document_id} {self.outcome}"

    @property
    def error(self) -> dict[str, str] | None:
        """The error: a code for programs and one sentence in the reader's language."""
        return messages.error(self.error_code, self.error_details)
