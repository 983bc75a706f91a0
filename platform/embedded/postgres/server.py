"""The embedded PostgreSQL as a child process: starts, awaits, shares and stops it.

`cluster` creates its files.

Only the process that holds the lock of DATA_DIR starts it. All other processes connect to its
socket.
"""

import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from embedded.child_process import Program, SystemUser, end, spawn
from embedded.data_dir import checks as folders
from embedded.data_dir.lock import DataDirLock, refusal
from embedded.exceptions import CannotStart
from embedded.postgres import cluster
from embedded.terminal_language import gettext as _

SOCKET_PORT = "5432"
SOCKET_NAME = f".s.PGSQL.{SOCKET_PORT}"
MAX_SOCKET_PATH_BYTES = 103
# Not tempfile: the path must not depend on TMPDIR, which differs between processes.
TEMPORARY_FOLDER = Path("/tmp")
START_SECONDS = 60.0
STRAY_STOP_SECONDS = 30.0
MAX_LOG_BYTES = 2**20
TEMPORARY_FAILURES = ("pre-existing shared memory block", "lock file", "is being used by")

SERVER_OPTIONS = {
    "listen_addresses": "",
    "port": SOCKET_PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "256MB",
    "autovacuum_work_mem": "64MB",
    "io_method": "sync",  # The default keeps three more processes.
    "max_logical_replication_workers": "0",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "jit": "off",
    "log_checkpoints": "off",
    "log_min_messages": "log",  # Failed statements hold users' texts, and clients report them.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def socket_dir(data_dir: Path) -> Path:
    """Return the folder of the socket: in DATA_DIR, or under /tmp if that path is too long."""
    real = Path(os.path.realpath(data_dir))
    inside = real / "run"
    if len(os.fsencode(inside / SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES:
        return inside
    return TEMPORARY_FOLDER / f"reading-room-{hashlib.sha256(os.fsencode(real)).hexdigest()[:16]}"


def answers(data_dir: Path) -> bool:
    """Return whether a server listens on the socket of `data_dir`."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(socket_dir(data_dir) / SOCKET_NAME))
        except OSError:
            return False
    return True


def program(data_dir: Path, account: SystemUser | None, options: Mapping[str, str]) -> Program:
    """Return the command line of the server."""
    chosen = {**SERVER_OPTIONS, **options, "unix_socket_directories": str(socket_dir(data_dir))}
    settings = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
    return Program(
        "postgres",
        [cluster.binary("postgres"), "-D", str(cluster.folder(data_dir)), *settings],
        cluster.environment(),
        account=account,
        stop=((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)),
        orphaned=signal.SIGINT,
    )


class PostgresServer:
    """The server of one DATA_DIR. Callers of `start` hold the lock."""

    def __init__(self, data_dir: Path, options: Mapping[str, str] | None = None) -> None:
        self.data_dir = Path(os.path.realpath(data_dir))
        self.options = options or {}
        self.process: subprocess.Popen[bytes] | None = None
        self.program: Program | None = None

    def start(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Create the files if necessary, start the server and wait until it is ready.

        Raises `CannotStart`.
        """
        deadline = time.monotonic() + START_SECONDS
        self.prepare()
        while not interrupted():
            said = self._attempt(deadline, interrupted)
            if said is None:
                return
            if (
                not any(phrase in line for line in said for phrase in TEMPORARY_FAILURES)
                or time.monotonic() > deadline
            ):
                raise cluster.failure(said, self.data_dir)
            time.sleep(0.3)

    def prepare(self) -> None:
        """Create the files and the socket's folder, and wait for a stray server to stop."""
        account = cluster.ensure(self.data_dir)
        _make_socket_dir(socket_dir(self.data_dir), account)
        _wait_for_stray(cluster.folder(self.data_dir))
        self.program = program(self.data_dir, account, self.options)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the process without waiting for readiness."""
        assert self.program is not None
        _wait_for_stray(cluster.folder(self.data_dir))
        with open_log(self.data_dir) as log:
            self.process = spawn(self.program, output=log)
        return self.process

    def stop(self) -> None:
        """Stop the server in fast mode; does nothing if it does not run."""
        if self.process is not None and self.program is not None:
            end(self.process, self.program)
            self.process = None

    def _attempt(self, deadline: float, interrupted: Callable[[], bool]) -> list[str] | None:
        """Start the process; return None once it is ready or the start is interrupted.

        Returns the lines of its log if it has ended.
        """
        with open_log(self.data_dir) as log:
            before = log.tell()
        process = self.spawn()
        while process.poll() is None:
            lines = _postmaster(cluster.folder(self.data_dir))
            is_ready = (
                len(lines) >= 8
                and lines[0].strip() == str(process.pid)
                and lines[7].strip() == "ready"
            )
            if is_ready or interrupted():
                return None
            if time.monotonic() > deadline:
                self.stop()
                raise CannotStart(
                    _("The database did not respond within %d seconds.") % START_SECONDS
                )
            time.sleep(0.01)
        return last_words(self.data_dir, before)


def open_log(data_dir: Path) -> IO[bytes]:
    """Open the database's log for appending, after rotation at MAX_LOG_BYTES."""
    path = data_dir / "logs" / "postgres.log"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def last_words(data_dir: Path, since: int = 0) -> list[str]:
    """Return the lines of the database's log from byte `since` on."""
    with (data_dir / "logs" / "postgres.log").open("rb") as log:
        log.seek(since)
        return log.read().decode(errors="replace").splitlines()


def _make_socket_dir(folder: Path, account: SystemUser | None) -> None:
    owner = account.uid if account else os.geteuid()
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if account is not None:
            os.chown(folder, account.uid, account.gid)
    status = folder.lstat()
    if (
        not folder.is_dir()
        or folder.is_symlink()
        or status.st_uid != owner
        or status.st_mode & 0o077
    ):
        raise CannotStart(
            _(
                "The database's socket folder %(folder)s is accessible to other users; delete it and start again."
            )
            % {"folder": folder}
        )


def _postmaster(files: Path) -> list[str]:
    """Return the lines of postmaster.pid, which has process number and state; [] without file."""
    try:
        return (files / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _wait_for_stray(files: Path) -> None:
    """Wait for the server of a killed supervisor to stop, sending it SIGINT, then SIGQUIT."""
    lines = _postmaster(files)
    if not lines or not lines[0].strip().isdigit():
        return
    pid, deadline = int(lines[0]), time.monotonic() + STRAY_STOP_SECONDS
    while _serves(pid, files):
        remaining = deadline - time.monotonic()
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGINT if remaining > STRAY_STOP_SECONDS / 2 else signal.SIGQUIT)
        if remaining < 0:
            raise CannotStart(
                _("Another PostgreSQL (process %d) uses this DATA_DIR and does not stop.") % pid
            )
        time.sleep(0.1)
    _disown(files, lines)


def _disown(files: Path, lines: list[str]) -> None:
    """Write this process's number into a left-over postmaster.pid.

    PostgreSQL ignores a file that names its parent.

    After a crash in a container, another process may have the old number, and PostgreSQL would
    refuse to start.
    """
    if _postmaster(files) == lines:
        with (files / "postmaster.pid").open("r+") as note:
            note.write("\n".join([str(os.getpid()), *lines[1:], ""]))
            note.truncate()


def _serves(pid: int, files: Path) -> bool:
    """Return whether process `pid` is a PostgreSQL on `files`, as process numbers are reused."""
    if sys.platform == "linux":
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return words[0].endswith(b"postgres") and os.fsencode(files) in words
    said = subprocess.run(
        ["ps", "-p", str(pid), "-o", "args="], capture_output=True, check=False
    ).stdout
    return b"postgres" in said and os.fsencode(files) in said


@contextmanager
def database(
    data_dir: Path, version: str, options: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Provide the database of `data_dir` within the block: the running server, or a new one.

    Several commands may share a server. Its starter stops it once the others have released their
    shared locks.
    """
    folders.prepare(data_dir, version)
    deadline = time.monotonic() + START_SECONDS
    with DataDirLock(data_dir) as lock, (data_dir / "guests").open("ab") as guests:
        while not lock.acquire():
            fcntl.flock(guests, fcntl.LOCK_SH)
            if answers(data_dir):
                yield
                return
            fcntl.flock(guests, fcntl.LOCK_UN)
            if time.monotonic() > deadline:
                raise refusal(data_dir)
            time.sleep(0.1)
        server = PostgresServer(data_dir, options)
        try:
            server.start()
            yield
        finally:
            fcntl.flock(guests, fcntl.LOCK_EX)
            server.stop()
