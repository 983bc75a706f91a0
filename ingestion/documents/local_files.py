"""Files on this machine's disk as offers for `add_documents()`. Used by `manage.py ingest`."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from ingestion.storage import blobs
from web.exceptions import Refusal

UNREADABLE_FILE = "unreadable_file"


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """A file that may become a document, found in `folder` or named itself."""

    path: Path
    folder: Path | None = None

    @property
    def name(self) -> str:
        """The path below the folder."""
        named = self.path.relative_to(self.folder) if self.folder else Path(self.path.name)
        return os.fsencode(named).decode(errors="replace")

    def received(self) -> blobs.Received:
        """Return a copy of its bytes; raises `Refusal`."""
        with _errors_as_refusal():
            return blobs.receive(blobs.blocks_of(self.path))

    def sha256(self) -> str:
        """Return the digest of its bytes; raises `Refusal`."""
        with _errors_as_refusal(), self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _errors_as_refusal() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise Refusal(
            _("This file could not be opened: %s.") % reason, code=UNREADABLE_FILE
        ) from exc


def files_in(paths: Iterable[Path]) -> Iterator[FileOnDisk]:
    """Yield the files that `paths` name and those in named folders; raises `FileNotFoundError`.

    Hidden files are left out unless they are named themselves.
    """
    for path in paths:
        if path.is_dir():
            yield from (FileOnDisk(found, path) for found in _below(path))
        elif path.exists():
            yield FileOnDisk(path)
        else:
            raise FileNotFoundError(path)


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found = (Path(place) / name for name in sorted(names) if not name.startswith("."))
        yield from (path for path in found if path.is_file())  # A pipe would be read for ever.
