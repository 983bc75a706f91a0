"""Version and PastChunk: past, present and future bytes of a document. Imported by `models`.

Their rules are in `documents.versions`.
"""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from ingestion.errors import messages
from workspaces.models import Workspace


class VersionQuerySet(models.QuerySet["Version"]):
    """Versions, narrowed by permission."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Versions of the documents that `user` may see."""
        return self.filter(document__workspace__in=Workspace.objects.visible_to(user))

    def serving_instead_of(self, document: str, number: str) -> Self:
        """Subquery of the serving version, if newer than the outer row's and with other bytes."""
        that = Version.objects.filter(
            document=OuterRef("document"), number=OuterRef(OuterRef(number))
        )
        serving = Coalesce(F("document__stand_in"), F("document__version"))
        newer = self.filter(
            document=OuterRef(document), number=serving, number__gt=OuterRef(number)
        )
        return newer.exclude(Exists(that.filter(blob=OuterRef("blob"))))


class Version(models.Model):
    """The bytes of one version; a document has rows only if it has more than one version."""

    document = models.ForeignKey(
        "ingestion.Document", on_delete=models.CASCADE, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    blob = models.ForeignKey("ingestion.Blob", on_delete=models.PROTECT, related_name="versions")
    media_type = models.CharField(max_length=150, blank=True, default="")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now)
    # The error of a version that failed and was given up.
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_details = models.JSONField(default=dict, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["document", "-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"

    @property
    def name(self) -> str:
        """The current name of the document."""
        return self.document.name

    @property
    def error(self) -> dict[str, str] | None:
        """The error: a code for programs and one sentence in the reader's language."""
        return messages.error(self.error_code, self.error_details)


class PastChunkQuerySet(models.QuerySet["PastChunk"]):
    """Chunks of past versions, narrowed by permission."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the versions that `user` may see."""
        return self.filter(version__in=Version.objects.visible_to(user))


class PastChunk(models.Model):
    """A chunk of an earlier version: shown for old citations, never searched."""

    id = models.UUIDField(primary_key=True, editable=False)  # The ID of the former chunk.
    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, related_name="chunks", db_index=False
    )
    position = models.PositiveIntegerField()
    text = models.TextField()
    headings = ArrayField(models.TextField(), default=list)
    page_from = models.PositiveIntegerField(null=True)
    page_to = models.PositiveIntegerField(null=True)
    start = models.PositiveIntegerField(default=0, db_default=0)
    end = models.PositiveIntegerField(default=0, db_default=0)
    boxes = models.JSONField(default=list, db_default=[])

    objects = PastChunkQuerySet.as_manager()

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="past_chunk_position")
        ]

    def __str__(self) -> str:
        return f"{self.version_id} #{self.position}"
