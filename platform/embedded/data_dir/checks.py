"""Checks of DATA_DIR before a start: permissions, free space, version.

Each failure is one sentence.
"""

import errno
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from embedded.exceptions import CannotStart
from embedded.terminal_language import gettext as _

MIN_FREE_MEGABYTES = 200
PRIVATE_FOLDERS = ("blobs", "broker", "logs", "parsed", "pulse", "tmp")
PRIVATE_FILES = ("secret-key", "setup-code", "connections-key")
DISK_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT}


def prepare(data_dir: Path, version: str) -> None:
    """Create `data_dir` if necessary and write `version` into it.

    Raises `CannotStart` if the folder cannot be used.
    """
    try:
        make(data_dir)
        refuse_newer(data_dir, version)
        refuse_full(data_dir)
        close_parts(data_dir)
        write_whole(data_dir / "VERSION", f"{version}\n")
    except OSError as exc:
        raise unusable(data_dir, exc) from exc


def make(data_dir: Path) -> None:
    """Create `data_dir`, closed to other users.

    Under root, the database's system user may traverse but not list the folder.
    """
    if not data_dir.is_dir():
        data_dir.mkdir(mode=0o700, parents=True)
    if os.geteuid() == 0 and data_dir.stat().st_uid == 0:
        data_dir.chmod(data_dir.stat().st_mode | 0o011)


def close_parts(data_dir: Path) -> None:
    """Close the folders and files with users' texts and keys to other users.

    PostgreSQL closes its own files.

    The mode of DATA_DIR itself is kept: its owner may have opened it on purpose, and as root the
    database's system user must traverse it.
    """
    for name in PRIVATE_FOLDERS:
        (data_dir / name).mkdir(mode=0o700, exist_ok=True)
    for name in (*PRIVATE_FOLDERS, *PRIVATE_FILES):
        part = data_dir / name
        with suppress(FileNotFoundError):
            status = part.lstat()
            ours = status.st_uid == os.geteuid() and not stat.S_ISLNK(status.st_mode)
            if ours and status.st_mode & 0o077:
                part.chmod(status.st_mode & 0o700)


def refuse_newer(data_dir: Path, version: str) -> None:
    """Raise `CannotStart` if a newer version has written to `data_dir`."""
    try:
        written = (data_dir / "VERSION").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return
    if as_numbers(written) > as_numbers(version):
        raise CannotStart(
            _(
                "DATA_DIR %(folder)s was written by Reading Room %(written)s, which is newer than this version"
                " (%(version)s). Update Reading Room, or choose another DATA_DIR."
            )
            % {"folder": data_dir, "written": written, "version": version}
        )


def as_numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, so that 0.10 comes after 0.9."""
    numbers: list[int] = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def refuse_full(data_dir: Path) -> None:
    """Raise `CannotStart` if less than MIN_FREE_MEGABYTES are free."""
    if free_megabytes(data_dir) < MIN_FREE_MEGABYTES:
        raise disk_full(data_dir)


def free_megabytes(data_dir: Path) -> int:
    """Return the free space that this user may use."""
    return shutil.disk_usage(data_dir).free // 2**20


def disk_full(data_dir: Path) -> CannotStart:
    """Return the error for a full disk."""
    return CannotStart(
        _(
            "The disk of DATA_DIR %(folder)s is full: %(free)d MB free, at least %(needed)d MB required."
        )
        % {"folder": data_dir, "free": free_megabytes(data_dir), "needed": MIN_FREE_MEGABYTES}
    )


def unusable(data_dir: Path, error: OSError) -> CannotStart:
    """Return the error for an `OSError` in `data_dir`."""
    if error.errno in DISK_FULL_ERRNOS:
        return disk_full(data_dir)
    return CannotStart(
        _("DATA_DIR %(folder)s cannot be used (%(reason)s). Choose a folder with write permission.")
        % {"folder": data_dir, "reason": error.strerror or error}
    )


def write_whole(path: Path, text: str) -> None:
    """Replace a small file atomically, unless its content is equal."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
