"""WebPage, PartialUpload, WatchedFolder and WatchedFile: how documents come besides an upload in one piece.

A web page is a document already; an upload in parts becomes one with its last byte; a watched
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
    """Web pages as a person may reach them."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the documents that `user` may see."""
        return self.filter(document__workspace__in=Workspace.objects.visible_to(user))


class WebPage(models.Model):
    """The web page that a document is a copy of.

    Until the page has come, its document has no bytes; `fetched` is when those that it has came,
    `checked` when the page was last asked for. Trouble since then stands here, for the document
    goes on with what it has.
    """

    class Refetch(models.TextChoices):
        """How often to look whether the page has changed."""

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
    # What the server said when the bytes came, for it to say later that nothing has changed.
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
        """How long after a look the next one is due; None when there is to be none."""
        return INTERVALS.get(self.refetch)

    @property
    def error(self) -> dict[str, str] | None:
        """Why the last look failed, for programs and for people."""
        return messages.error(self.error_code, self.error_details)


INTERVALS: Final = {
    WebPage.Refetch.DAILY.value: timedelta(days=1),
    WebPage.Refetch.WEEKLY.value: timedelta(days=7),
}


class PartialUploadQuerySet(models.QuerySet["PartialUpload"]):
    """Uploads in parts as a person may reach them."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those that `user` has begun, in the workspaces that they may still see."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user, workspace__in=Workspace.objects.visible_to(user))

    def unfinished(self) -> Self:
        """Those of which something is still to come."""
        return self.filter(document=None, error_code="")


class PartialUpload(models.Model):
    """A document that comes in parts: how much of it is here. The bytes lie in `path`.

    `offset` is the truth: what the file holds beyond it was cut off by a crash, and is written
    again. Once all is here, `document` or `error` says what became of it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=MAX_CHARACTERS)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    # What the sender knows the file by, to find it again after a reload.
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
        """Where its bytes lie: beside those of documents, so that they need only be moved in the end."""
        return Path(settings.DATA_DIR) / "uploads" / str(self.pk)

    @property
    def expires(self) -> datetime:
        """When it is forgotten, unless more of it comes."""
        return self.changed + KEPT_FOR


KEPT_FOR: Final = timedelta(days=1)


class WatchedFolderQuerySet(models.QuerySet["WatchedFolder"]):
    """Watched folders as a person may reach them."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Folders of the workspaces that `user` owns; other members do not see paths on the server."""
        return self.filter(workspace__in=Workspace.objects.owned_by(user))


class WatchedFolder(models.Model):
    """A folder on the server that a workspace follows. `label` is the first part of its documents' names."""

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
        """Why it could not be looked through, for programs and for people."""
        return messages.error(self.error_code, {})


class WatchedFileQuerySet(models.QuerySet["WatchedFile"]):
    """Files of watched folders as a person may reach them."""

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
    modified = models.BigIntegerField()  # Nanoseconds, as the file system says it.
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
        """Why it is no document, for programs and for people."""
        return messages.error(self.error_code, self.error_details)
