"""Writes files to a share, and scans the folder that follows the share."""

import os
import time
from pathlib import Path

from ingestion.models import Document
from ingestion.models.sources import WatchedFolder
from ingestion.sources.folders import sync
from ingestion.worker import loop


def write(path: Path, text: str, age: float = 3600.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    rest(path, age)
    return path


def rest(path: Path, age: float = 3600.0) -> None:
    then = time.time() - age
    os.utime(path, (then, then))


def look(folder: WatchedFolder) -> dict[str, Document]:
    """Scan the folder, index queued documents, and return all documents by name."""
    sync.look_through(WatchedFolder.objects.select_related("workspace").get(pk=folder.pk))
    loop.index_waiting()
    return {document.name: document for document in Document.objects.all()}


def error(folder: WatchedFolder) -> str:
    folder.refresh_from_db()
    return folder.error_code


def texts() -> str:
    return " ".join(Document.objects.values_list("chunks__text", flat=True))
