"""The files by which workers show that they live: one for each queue and process, touched every second.

Read by the supervisor too, and so without Celery and Django. `heartbeat` writes them.
"""

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

CLOCK_SECONDS = 1.0  # Clocks of a shared disk differ by less.


def pulse_file(folder: Path, queue: str) -> Path:
    """Return the file of this process for one queue."""
    return folder / f"{queue}@{socket.gethostname()}-{os.getpid()}"


def freshest_pulse(folder: Path, queue: str) -> float | None:
    """Return the seconds since a worker of `queue` last showed that it lives, or None if none ever did.

    A pulse from the future says nothing: the clock was set back since, and the worker may have ended.
    """
    ages = []
    for path in folder.glob(f"{queue}@*"):
        with suppress(FileNotFoundError):
            ages.append(time.time() - path.stat().st_mtime)
    return min((max(0.0, age) for age in ages if age > -CLOCK_SECONDS), default=None)


def last_beats(folder: Path, pid: int) -> list[int]:
    """Return when the process `pid` of this machine last touched each of its files, in nanoseconds."""
    beats = []
    for path in folder.glob(f"*@{socket.gethostname()}-{pid}"):
        with suppress(FileNotFoundError):
            beats.append(path.stat().st_mtime_ns)
    return beats
