"""Documents that lie on this machine's disk: which ones a path means, and their bytes. Used by `manage.py ingest`."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from ingestion import blobs
from web.exceptions import Refusal

UNREADABLE_FILE = "unreadable_file"


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """A file that may become a document."""

    path: Path

    @property
    def name(self) -> str:
        """What it is called, without its folder."""
        return os.fsencode(self.path.name).decode(errors="replace")

    def received(self) -> blobs.Received:
        """Return a copy of its bytes; raises `Refusal`."""
        try:
            return blobs.receive(blobs.blocks_of(self.path))
        except OSError as exc:
            reason = exc.strerror or str(exc)
            raise Refusal(_("This file cannot be read: %s.") % reason, code=UNREADABLE_FILE) from exc


def files_in(paths: Iterable[Path]) -> Iterator[FileOnDisk]:
    """Yield the files that `paths` name, folders with all that is in them; raises `FileNotFoundError`.

    Hidden files are no documents, unless they are named themselves.
    """
    for path in paths:
        if path.is_dir():
            yield from map(FileOnDisk, sorted(_below(path)))
        elif path.exists():
            yield FileOnDisk(path)
        else:
            raise FileNotFoundError(path)


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place) / name for name in names if not name.startswith("."))
