"""Lists and opens the files below a watched folder without following links to the outside.

Users of the share may replace a folder by a link at any moment. Therefore files are opened step by
step from the root that an administrator named, and a link on the way is an error. `sync` adds the
files as documents.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MAX_DEPTH = 64
MAX_KEY_BYTES = 2_500  # An index entry takes 2,700, and the last part has up to 1,020.
OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
OPEN_FOLDER_FLAGS = OPEN_FLAGS | os.O_DIRECTORY
# Temporary files of programs and systems.
SKIPPED_NAME = re.compile(
    r"\..*|~\$.*|~.*\.tmp|.*~|#.*#|.*\.(?:tmp|temp|part|partial|crdownload|download|swp|swo|lock|lck|bak)"
    r"|thumbs\.db|desktop\.ini|\$recycle\.bin|system volume information|lost\+found|@eadir",
    re.I,
)


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file with its size and time; `key` is its path in a form that the database can store."""

    parts: tuple[str, ...]
    size: int
    modified: int

    @property
    def key(self) -> str:
        """The path below the folder, invalid bytes escaped; a long one is cut and gets a digest."""
        path = _printable("/".join(self.parts))
        if len(path.encode()) <= MAX_KEY_BYTES:
            return path
        mark = hashlib.sha256(path.encode()).hexdigest()[:16]
        return f"{path.encode()[: MAX_KEY_BYTES // 2].decode(errors='ignore')}~{mark}/{_printable(self.parts[-1])}"


def _printable(path: str) -> str:
    return os.fsencode(path).decode(errors="backslashreplace")


@contextmanager
def opened_folder(root: Path, folder: Path) -> Iterator[int]:
    """Open `folder` below `root`; raises `OSError`, also for a link on the way."""
    base = os.path.realpath(root)
    descriptor = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in Path(os.path.relpath(folder, base)).parts:
            descriptor = _stepped(descriptor, part, OPEN_FOLDER_FLAGS)
        yield descriptor
    finally:
        os.close(descriptor)


def _stepped(descriptor: int, part: str, flags: int) -> int:
    """Open `part` in the folder `descriptor` and close the folder; on failure it stays open."""
    if part in {"..", "/"}:
        raise PermissionError(part)
    below = os.open(part, flags, dir_fd=descriptor)
    os.close(descriptor)
    return below


def files_below(folder: int, trouble: Callable[[OSError], None]) -> Iterator[ScannedFile]:
    """Yield the files below an open folder, except hidden and temporary ones.

    Raises `OSError` if the folder is unreadable; `trouble` gets the errors of folders inside.
    """
    os.listdir(folder)
    for place, folders, names, descriptor in os.fwalk(
        ".", dir_fd=folder, follow_symlinks=False, onerror=trouble
    ):
        parts = tuple(place.split("/")[1:])
        folders[:] = (
            sorted(name for name in folders if not SKIPPED_NAME.fullmatch(name))
            if len(parts) < MAX_DEPTH
            else []
        )
        for name in sorted(names):
            if SKIPPED_NAME.fullmatch(name):
                continue
            with suppress(FileNotFoundError):
                state = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                if stat.S_ISREG(state.st_mode):
                    yield ScannedFile((*parts, name), state.st_size, state.st_mtime_ns)


@contextmanager
def opened_file(folder: int, found: ScannedFile) -> Iterator[int]:
    """Open a file below an open folder; raises `OSError`, also for links and special files."""
    descriptor = os.dup(folder)
    try:
        *folders, name = found.parts
        for part in folders:
            descriptor = _stepped(descriptor, part, OPEN_FOLDER_FLAGS)
        descriptor = _stepped(descriptor, name, OPEN_FLAGS)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileNotFoundError(name)
        yield descriptor
    finally:
        os.close(descriptor)


def is_as_found(descriptor: int, found: ScannedFile) -> bool:
    """Whether an open file has the same size and time as at the scan."""
    state = os.fstat(descriptor)
    return (state.st_size, state.st_mtime_ns) == (found.size, found.modified)
