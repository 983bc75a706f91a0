"""The lock of a DATA_DIR, which one Reading Room uses at a time.

The kernel releases it when its holder dies.
"""

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from embedded.exceptions import CannotStart
from embedded.terminal_language import gettext as _


@dataclass(frozen=True, slots=True)
class LockHolder:
    """The holder of the lock: a server with its address, or a command that runs the database."""

    pid: int = 0
    address: str = ""


class DataDirLock:
    """An exclusive lock on one DATA_DIR; children never inherit it."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "lock"
        self._descriptor: int | None = None

    def acquire(self, *, address: str = "") -> bool:
        """Take the lock and describe this process in it; return False if another holds it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        self.describe(address)
        return True

    def describe(self, address: str) -> None:
        """Describe this process in the lock file, for the error message of other processes."""
        assert self._descriptor is not None
        note = json.dumps(asdict(LockHolder(os.getpid(), address))).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, note, 0)

    def release(self) -> None:
        """Release the lock; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.release()


def holder(data_dir: Path) -> LockHolder | None:
    """Return the current holder of the lock of `data_dir`, or None."""
    try:
        with (data_dir / "lock").open("rb") as note:
            try:
                fcntl.flock(note, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                with suppress(ValueError, TypeError):
                    return LockHolder(**json.loads(note.read()))
                return LockHolder()
    except OSError:
        return None
    return None


def refusal(data_dir: Path) -> CannotStart:
    """Return the error for a DATA_DIR in use, with its holder."""
    first = holder(data_dir) or LockHolder()
    values = {"folder": data_dir, "pid": first.pid, "address": first.address}
    if first.address:
        return CannotStart(
            _(
                "Reading Room is already running with DATA_DIR %(folder)s: process %(pid)s at %(address)s."
            )
            % values
        )
    return CannotStart(
        _("DATA_DIR %(folder)s is in use by process %(pid)s. Wait until it finishes, or stop it.")
        % values
    )
