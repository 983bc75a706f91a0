"""How much one parse may take, and how a child process holds itself to it.

The numbers are the caller's; `confine` runs in the child before it reads the first byte of a document. What can only be
seen from outside (time on the clock, memory in use) the parent watches, see `process`.
"""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ingestion.parsing.sandbox.socket_filter import refuse_sockets

PR_SET_PDEATHSIG = 1
CLONE_NEWNET = 0x40000000
CLONE_NEWUSER = 0x10000000
FORBIDDEN_EVENTS = (
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.forkpty",
    "os.kill",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost, and how long children live."""

    seconds: float = 300.0
    cpu_seconds: int = 240
    memory_bytes: int = 1024**3
    answer_bytes: int = 256 * 1024**2
    written_bytes: int = 64 * 1024**2
    open_files: int = 64
    niceness: int = 5
    documents_per_child: int = 200
    idle_seconds: float = 60.0
    picture_seconds: int = 60  # More for each picture in which text is looked for, on the clock and of processors.


def confine(limits: Limits, parent: int) -> None:
    """Take away from this process what parsing does not need.

    Ends the process if `parent` is no longer its parent, since nobody else would.
    """
    restrict(limits, unix_sockets=False)
    sys.addaudithook(_refuse)
    if os.getppid() != parent:
        os._exit(0)


def restrict(limits: Limits, *, unix_sockets: bool) -> None:
    """Bound the resources of this process and take its network away; a program that takes its place is bound alike.

    `unix_sockets` leaves those of the file system, which LibreOffice needs.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written_bytes, limits.written_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    # Not RLIMIT_AS: libraries reserve address space that they never touch.
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    os.nice(limits.niceness)
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")  # When memory runs out, this process goes and not the database.
    if sys.platform == "linux":
        # Both, as far as the system allows: each holds where the other is not to be had.
        leave_network()
        refuse_sockets(except_unix=unix_sockets)
        # Last, because entering a namespace may undo it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def leave_network() -> bool:
    """Give this process a network with nobody on it; False where the system does not allow it."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: no document makes this process talk to anybody or start anything."""
    if event in FORBIDDEN_EVENTS:
        raise PermissionError(event)


def grant_cpu(limits: Limits) -> None:
    """Allow this process another ration of processor time; past it the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _allow_cpu(int(used.ru_utime + used.ru_stime) + limits.cpu_seconds + 1)


def grant_picture(limits: Limits) -> None:
    """Add to the ration what it takes to look for text in one picture."""
    _allow_cpu(resource.getrlimit(resource.RLIMIT_CPU)[0] + limits.picture_seconds)


def _allow_cpu(soft: int) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
