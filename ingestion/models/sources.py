"""WebPage, PartialUpload, WatchedFolder and WatchedFile: sources besides plain uploads.

A web page belongs to one document, an upload in parts becomes one with its last byte, and a watched
folder has many.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingestion.errors import messages
from ingestion.file_names import MAX_CHARACTERS
from ingestion.web_addresses import MAX_URL_CHARACTERS
from web.ids import new_id
from workspaces.models import Workspace


class WebPageQuerySet(models.QuerySet["WebPage"]):
    """Web pages, narrowed by permission."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the documents that `user` may see."""
        return self.filter(document__workspace__in=Workspace.objects.visible_to(user))


class WebPage(models.Model):
    """The web page that a document is a copy of.

    The document has no bytes before the first fetch. `fetched` is the time of its bytes, `checked`
    that of the last request. A later error is stored here, since the document keeps its bytes.
    """

    class Refetch(models.TextChoices):
        """The interval at which the page is fetched again."""

        NEVER = "never", _("Never")
        DAILY = "daily", _("Daily")
        WEEKLY = "weekly", _("Weekly")

    document = models.OneToOneField(
        "ingestion.Document", primary_key=True, on_delete=models.CASCADE, related_name="web_page"
    )
    url = models.CharField(max_length=MAX_URL_CHARACTERS)
    refetch = models.CharField(
        _("check for changes"), max_length=6, choices=Refetch, default=Refetch.NEVER
    )
    due = models.DateTimeField(null=True)
    fetched = models.DateTimeField(null=True)
    checked = models.DateTimeField(null=True)
    # URL and validators of the last response, for a conditional request.
    seen_url = models.CharField(max_length=MAX_URL_CHARACTERS, blank=True, default="")
    etag = models.CharField(max_length=200, blank=True, default="")
    last_modified = models.CharField(max_length=100, blank=True, default="")
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_details = models.JSONField(default=dict, blank=True)

    objects = WebPageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due"], name="web_page_due")]

    def __str__(self) -> str:
        return self.url

    @property
    def interval(self) -> timedelta | None:
        """The time between two fetches; None if the page is not fetched again."""
        return INTERVALS.get(self.refetch)

    @property
    def error(self) -> dict[str, str] | None:
        """The error of the last fetch: a code for programs and one sentence for people."""
        return messages.error(self.error_code, self.error_details)


INTERVALS: Final = {
    WebPage.Refetch.DAILY.value: timedelta(days=1),
    WebPage.Refetch.WEEKLY.value: timedelta(days=7),
}


class PartialUploadQuerySet(models.QuerySet["PartialUpload"]):
    """Uploads in parts, narrowed by permission or state."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Uploads that `user` has begun in workspaces that `user` may still see."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user, workspace__in=Workspace.objects.visible_to(user))

    def unfinished(self) -> Self:
        """Uploads without an outcome."""
        return self.filter(document=None, error_code="")


class PartialUpload(models.Model):
    """An upload in parts. The received bytes are in the file `path`.

    `offset` is authoritative: bytes of the file beyond it were left by a crash and are overwritten.
    A complete upload has a `document` or an `error`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=MAX_CHARACTERS)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    # Identifies the file for the client, which finds the upload again after a reload.
    fingerprint = models.CharField(max_length=200, blank=True, default="")
    on_conflict = models.CharField(max_length=10, blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    document = models.ForeignKey(
        "ingestion.Document", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_duplicate = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    error_status = models.PositiveSmallIntegerField(default=400)

    objects = PartialUploadQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["changed"], name="partial_upload_changed")]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """The file of the received bytes, on the disk of the blobs, where a rename stores it."""
        return Path(settings.DATA_DIR) / "uploads" / str(self.pk)

    @property
    def expires(self) -> datetime:
        """The time at which the upload is deleted unless another part arrives."""
        return self.changed + KEPT_FOR


KEPT_FOR: Final = timedelta(days=1)


class WatchedFolderQuerySet(models.QuerySet["WatchedFolder"]):
    """Watched folders, narrowed by permission."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Folders of the workspaces that `user` owns.

        Other members do not see paths on the server.
        """
        return self.filter(workspace__in=Workspace.objects.owned_by(user))


class WatchedFolder(models.Model):
    """A folder on the server whose files a workspace follows.

    `label` is the first part of its documents' names.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="watched_folders"
    )
    path = models.TextField()
    label = models.CharField(max_length=100)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)
    due = models.DateTimeField(db_default=Now())
    scanned = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=40, blank=True, default="")

    objects = WatchedFolderQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "label"], name="watched_folder_label")
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def error(self) -> dict[str, str] | None:
        """The error of the last scan: a code for programs and one sentence for people."""
        return messages.error(self.error_code, {})


class WatchedFileQuerySet(models.QuerySet["WatchedFile"]):
    """Files of watched folders, narrowed by permission."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the folders that `user` may see."""
        return self.filter(folder__in=WatchedFolder.objects.visible_to(user))


class WatchedFile(models.Model):
    """A file at the time of the last scan, with its document if that still exists."""

    folder = models.ForeignKey(
        WatchedFolder, on_delete=models.CASCADE, related_name="files", db_index=False
    )
    path = models.TextField()
    size = models.BigIntegerField()
    modified = models.BigIntegerField()  # Nanoseconds since the epoch.
    sha256 = models.CharField(max_length=64, blank=True, default="")
    document = models.ForeignKey(
        "ingestion.Document", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    missing_since = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_details = models.JSONField(default=dict, blank=True)

    objects = WatchedFileQuerySet.as_manager()

    class Meta:
        ordering = ["folder", "path"]
        constraints = [models.UniqueConstraint(fields=["folder", "path"], name="watched_file_once")]

    def __str__(self) -> str:
        return self.path

    @property
    def error(self) -> dict[str, str] | None:
        """The error of the file: a code for programs and one sentence for people."""
        return messages.error(self.error_code, self.error_details)
