"""Files below a watched folder: which there are, and their bytes. No link is ever followed, so nothing leads outside.

Whoever may write to the share may put links into it at any moment; so files are opened step by step from the root that
an administrator named, and a step that is a link is none. What a file becomes is decided by `sync`.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DEEPEST = 64
LONGEST_KEY = 2_500  # Bytes: an index takes 2,700, and the last part is up to 1,020.
OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
OPEN_FOLDER = OPEN | os.O_DIRECTORY
# What programs write while they work, and systems leave behind.
NO_DOCUMENT = re.compile(
    r"\..*|~\$.*|~.*\.tmp|.*~|#.*#|.*\.(?:tmp|temp|part|partial|crdownload|download|swp|swo|lock|lck|bak)"
    r"|thumbs\.db|desktop\.ini|\$recycle\.bin|system volume information|lost\+found|@eadir",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it is now. `key` is its path in a form that can be stored."""

    parts: tuple[str, ...]
    size: int
    modified: int

    @property
    def key(self) -> str:
        """The path below the folder, printable whatever its bytes are; one too long for an index is cut and marked."""
        path = _printable("/".join(self.parts))
        if len(path.encode()) <= LONGEST_KEY:
            return path
        mark = hashlib.sha256(path.encode()).hexdigest()[:16]
        return f"{path.encode()[: LONGEST_KEY // 2].decode(errors='ignore')}~{mark}/{_printable(self.parts[-1])}"


def _printable(path: str) -> str:
    return os.fsencode(path).decode(errors="backslashreplace")


@contextmanager
def opened_folder(root: Path, folder: Path) -> Iterator[int]:
    """Open `folder`, which lies below `root`; raises `OSError`, also where a link has come in between."""
    base = os.path.realpath(root)
    descriptor = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in Path(os.path.relpath(folder, base)).parts:
            descriptor = _stepped(descriptor, part, OPEN_FOLDER)
        yield descriptor
    finally:
        os.close(descriptor)


def _stepped(descriptor: int, part: str, flags: int) -> int:
    """Open `part` in the folder that `descriptor` stands for, which is closed, unless this fails."""
    if part in {"..", "/"}:
        raise PermissionError(part)
    below = os.open(part, flags, dir_fd=descriptor)
    os.close(descriptor)
    return below


def files_below(folder: int, trouble: Callable[[OSError], None]) -> Iterator[Found]:
    """Yield the files below an open folder, without hidden and passing ones; raises `OSError` if it cannot be read.

    `trouble` is told of folders inside that cannot.
    """
    os.listdir(folder)
    for place, folders, names, descriptor in os.fwalk(".", dir_fd=folder, follow_symlinks=False, onerror=trouble):
        parts = tuple(place.split("/")[1:])
        folders[:] = sorted(name for name in folders if not NO_DOCUMENT.fullmatch(name)) if len(parts) < DEEPEST else []
        for name in sorted(names):
            if not NO_DOCUMENT.fullmatch(name) and (found := _found((*parts, name), descriptor)):
                yield found


def _found(parts: tuple[str, ...], descriptor: int) -> Found | None:
    try:
        state = os.stat(parts[-1], dir_fd=descriptor, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return Found(parts, state.st_size, state.st_mtime_ns) if stat.S_ISREG(state.st_mode) else None


@contextmanager
def opened_file(folder: int, found: Found) -> Iterator[int]:
    """Open a file below an open folder; raises `OSError`, also where it is a link or no file by now."""
    descriptor = os.dup(folder)
    try:
        *folders, name = found.parts
        for part in folders:
            descriptor = _stepped(descriptor, part, OPEN_FOLDER)
        descriptor = _stepped(descriptor, name, OPEN)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileNotFoundError(name)
        yield descriptor
    finally:
        os.close(descriptor)


def is_as_found(descriptor: int, found: Found) -> bool:
    """Whether an open file is still as it was found."""
    state = os.fstat(descriptor)
    return (state.st_size, state.st_mtime_ns) == (found.size, found.modified)
