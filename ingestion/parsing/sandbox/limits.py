"""Limits of one parse, which a child process sets for itself before it reads a document.

The caller chooses the numbers. The parent watches elapsed time and memory in use, see `process`.
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
    """Resources that one document may use, and the life of children."""

    seconds: float = 300.0
    cpu_seconds: int = 240
    memory_bytes: int = 1024**3
    answer_bytes: int = 256 * 1024**2
    written_bytes: int = 64 * 1024**2
    open_files: int = 64
    niceness: int = 5
    documents_per_child: int = 200
    idle_seconds: float = 60.0
    # Added for each picture that text recognition reads, to elapsed and to CPU time.
    picture_seconds: int = 60


def confine(limits: Limits, parent: int) -> None:
    """Restrict this process and forbid connections and new processes with an audit hook.

    Ends the process if `parent` is no longer its parent.
    """

    def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
        if event in FORBIDDEN_EVENTS:
            raise PermissionError(event)

    restrict(limits, unix_sockets=False)
    sys.addaudithook(refuse)
    if os.getppid() != parent:
        os._exit(0)


def restrict(limits: Limits, *, unix_sockets: bool) -> None:
    """Limit the resources of this process and remove its network; the limits survive `exec`.

    `unix_sockets` keeps Unix sockets, which LibreOffice needs.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written_bytes, limits.written_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    # Not RLIMIT_AS: libraries reserve address space that they never touch.
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    os.nice(limits.niceness)
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        # If memory runs out, the kernel ends this process rather than the database.
        file.write("500")
    if sys.platform == "linux":
        # Both, because a system may allow only one of them.
        leave_network()
        refuse_sockets(except_unix=unix_sockets)
        # Last, because entering a namespace may undo it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def leave_network() -> bool:
    """Move this process to an empty network namespace; False if the system does not allow it."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET))


def grant_cpu(limits: Limits) -> None:
    """Allow this process `cpu_seconds` more, after which the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _allow_cpu(int(used.ru_utime + used.ru_stime) + limits.cpu_seconds + 1)


def grant_picture(limits: Limits) -> None:
    """Allow this process the CPU time for text recognition in one more picture."""
    _allow_cpu(resource.getrlimit(resource.RLIMIT_CPU)[0] + limits.picture_seconds)


def _allow_cpu(soft: int) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(
        resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard)
    )
