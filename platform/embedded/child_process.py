"""Starts and ends child processes that cannot outlive their parent.

`processes.programs` lists the programs.
"""

import ctypes
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class SystemUser:
    """The system user that a child runs as if the parent is root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """A command line and its stop sequence: signals with the seconds before the next one."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path = Path("/")
    account: SystemUser | None = None
    pass_fds: tuple[int, ...] = ()
    stop: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
    orphaned: signal.Signals = signal.SIGKILL

    def signal_after(self, seconds: float) -> signal.Signals:
        """Return the signal to send `seconds` after the stop began."""
        for number, duration in self.stop:
            if seconds < duration:
                return number
            seconds -= duration
        return self.stop[-1][0]


def raise_file_limit() -> None:
    """Raise the soft limit of open files to the hard one, for this process and its children.

    Each HTTP connection needs a file, and the usual soft limit is 1,024.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # macOS reports “unlimited” but refuses it.
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def spawn(
    program: Program, *, output: int | IO[bytes], errors: int = subprocess.STDOUT
) -> subprocess.Popen[bytes]:
    """Start `program` in a new session, so that the terminal's Ctrl-C reaches only the parent.

    Call it from the main thread: Linux sends the child its parent-death signal when the starting
    thread ends.
    """
    account = program.account
    return subprocess.Popen(
        program.argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        env=program.env,
        cwd=program.cwd,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        umask=0o077,
        start_new_session=True,
        pass_fds=program.pass_fds,
        preexec_fn=_tie_to_parent(program.orphaned),
    )


def _tie_to_parent(last_signal: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn`: the kernel sends the child `last_signal` when its parent dies."""
    parent = os.getpid()

    def tie() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(last_signal))
        if os.getppid() != parent:  # The parent died before prctl: no signal would come.
            os.kill(os.getpid(), signal.SIGKILL)

    return tie


def sweep(process: subprocess.Popen[bytes]) -> None:
    """Kill the processes that an ended child has left in its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def end(process: subprocess.Popen[bytes], program: Program) -> None:
    """Stop a child with its stop sequence and wait for it."""
    for number, seconds in program.stop:
        if process.poll() is None:
            process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
    sweep(process)
