"""Child processes that cannot outlive us: how one is started and ended. Which ones there are is up to `programs`."""

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
class Account:
    """The system user that a child runs as, when we are root and it must not be."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and how it likes to be stopped: each signal in turn, with the seconds it gets before the next."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path = Path("/")
    account: Account | None = None
    pass_fds: tuple[int, ...] = ()
    stop: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
    orphaned: signal.Signals = signal.SIGKILL

    def signal_after(self, seconds: float) -> signal.Signals:
        """Return the signal that is due when the child has been stopping for so long."""
        for number, patience in self.stop:
            if seconds < patience:
                return number
            seconds -= patience
        return self.stop[-1][0]


def raise_file_limit() -> None:
    """Raise the soft limit of open files to the hard one, for this process and those that it starts.

    Each connection of a visitor is a file, and 1,024, the usual soft limit, are few.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # Some systems say “unlimited” and mean less.
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def spawn(program: Program, *, output: int | IO[bytes], errors: int = subprocess.STDOUT) -> subprocess.Popen[bytes]:
    """Start `program` in a session of its own, so that the terminal's Ctrl-C reaches only us, and on our leash.

    Call it from the main thread: Linux ends the child with the thread that started it.
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
        preexec_fn=_leash(program.orphaned),
    )


def _leash(last_signal: signal.Signals) -> Callable[[], None]:
    """Return what the child does before it becomes the program: ask the kernel for `last_signal` when we die."""
    parent = os.getpid()

    def tie() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(last_signal))
        if os.getppid() != parent:  # We died in between: nobody would tell.
            os.kill(os.getpid(), signal.SIGKILL)

    return tie


def sweep(process: subprocess.Popen[bytes]) -> None:
    """End whatever an ended child has left in its session's group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def end(process: subprocess.Popen[bytes], program: Program) -> None:
    """Stop a child and wait for it, from its gentlest signal to the last."""
    for number, seconds in program.stop:
        if process.poll() is None:
            process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
    sweep(process)
