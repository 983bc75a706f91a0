"""Heartbeat files of the workers, one for each queue and process.

`heartbeat` touches them every second.

The supervisor reads them, so this module imports neither Celery nor Django.
"""

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

CLOCK_SKEW_SECONDS = 1.0  # Clocks of a shared disk differ by less.


def heartbeat_file(folder: Path, queue: str) -> Path:
    """Return the file of this process for one queue."""
    return folder / f"{queue}@{socket.gethostname()}-{os.getpid()}"


def last_heartbeat_age(folder: Path, queue: str) -> float | None:
    """Return the seconds since the last heartbeat of any worker of `queue`, None if there is none.

    Heartbeats in the future are ignored: the clock was set back since, and the worker may have
    ended.
    """
    ages = []
    for path in folder.glob(f"{queue}@*"):
        with suppress(FileNotFoundError):
            ages.append(time.time() - path.stat().st_mtime)
    return min((max(0.0, age) for age in ages if age > -CLOCK_SKEW_SECONDS), default=None)


def last_beats(folder: Path, pid: int) -> list[int]:
    """Return the times in nanoseconds at which process `pid` last touched its files."""
    beats = []
    for path in folder.glob(f"*@{socket.gethostname()}-{pid}"):
        with suppress(FileNotFoundError):
            beats.append(path.stat().st_mtime_ns)
    return beats
