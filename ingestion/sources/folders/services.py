"""Watched folders of a workspace, connected and disconnected by its owners. `sync` scans them."""

import os
from pathlib import Path

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from ingestion.documents.services import delete_document
from ingestion.errors.fetching import FOLDER_MISSING, FOLDER_NOT_ALLOWED, sentence
from ingestion.file_names import clean_name
from ingestion.models.sources import WatchedFile, WatchedFolder
from ingestion.queue.wakeup import wake
from ingestion.sources.folders.watch_roots import root_of
from web.exceptions import Refusal
from workspaces.models import Workspace

FOLLOW_DUE = "ingestion.tasks.maintain_folders"
MAX_LABEL_CHARACTERS = 100
MAX_SHOWN_ERRORS = 50


def connect_folder(*, workspace: Workspace, path: str, by: User | None) -> WatchedFolder:
    """Connect the folder at `path` to `workspace`; raises `Refusal`."""
    wanted = Path(path.strip().replace("\x00", ""))
    if root_of(workspace, wanted) is None:
        raise Refusal(sentence(FOLDER_NOT_ALLOWED, {}), code=FOLDER_NOT_ALLOWED)
    real = Path(os.path.realpath(wanted))
    if not os.path.isdir(real) or not _can_be_written_down(real):
        raise Refusal(sentence(FOLDER_MISSING, {}), code=FOLDER_MISSING)
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        there = list(WatchedFolder.objects.filter(workspace=workspace))
        for other in there:
            if real.is_relative_to(other.path) or Path(other.path).is_relative_to(real):
                said = _(
                    "This workspace already follows %(path)s. Two followed folders cannot contain each other."
                )
                raise Refusal(said % {"path": other.path}, code="folder_overlaps", status=409)
        label = _free_label(real, {folder.label for folder in there})
        folder = WatchedFolder.objects.create(
            workspace=workspace, path=str(real), label=label, added_by=by
        )
        record("folder.connected", by=by, about=folder)
        transaction.on_commit(lambda: wake(FOLLOW_DUE))
    return folder


def _can_be_written_down(path: Path) -> bool:
    try:
        return bool(str(path).encode())
    except UnicodeEncodeError:
        return False


def _free_label(path: Path, taken: set[str]) -> str:
    name = clean_name(os.fsencode(path.name or "share").decode(errors="replace"))[
        : MAX_LABEL_CHARACTERS - 5
    ]
    return next(
        label
        for number in range(1, 999)
        if (label := f"{name} {number}" if number > 1 else name) not in taken
    )


def disconnect_folder(
    folder: WatchedFolder, *, by: User | None, delete_documents: bool = False
) -> None:
    """Disconnect a folder; its documents stay unless `delete_documents`."""
    documents = [
        file.document for file in folder.files.exclude(document=None).select_related("document")
    ]
    record("folder.disconnected", by=by, about=folder)
    folder.delete()
    for document in documents if delete_documents else []:
        if document is not None:
            delete_document(document, by=by)


def due() -> "QuerySet[WatchedFolder]":
    """Return the folders that are due for a scan, the longest due first."""
    return WatchedFolder.objects.filter(
        due__lte=timezone.now(), workspace__deleted__isnull=True
    ).order_by("due")


def folders_of(workspace: Workspace) -> "QuerySet[WatchedFolder]":
    """Return the folders of `workspace`, with counts of files, missing files and failed files."""
    return WatchedFolder.objects.filter(workspace=workspace).annotate(
        file_count=Count("files"),
        missing_count=Count("files", filter=Q(files__missing_since__isnull=False)),
        trouble_count=Count("files", filter=Q(files__error_code__gt="")),
    )


def troubles_in(*followed: WatchedFolder) -> "QuerySet[WatchedFile]":
    """Return the first MAX_SHOWN_ERRORS files that could not be added."""
    return WatchedFile.objects.filter(folder__in=followed).exclude(error_code="")[:MAX_SHOWN_ERRORS]
