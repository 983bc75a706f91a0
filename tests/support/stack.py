"""A whole Reading Room as processes of their own, for tests: started, waited for, looked at from outside, ended."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from embedded.terminal_language import ROOT

READY_SECONDS = 90.0
MARKS = {
    "web": "embedded.processes.serve",
    "worker": "worker-",
    "maintenance": "maintenance-",
    "postgres": "bin/postgres",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_until(condition: Callable[[], object], seconds: float = READY_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


class Stack:
    """One DATA_DIR and port, and the `up` that runs there, if one does."""

    def __init__(self, data_dir: Path, port: int | None = None, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        hidden = {
            "DATABASE_URL",
            "REDIS_URL",
            "PUBLIC_URL",
            "HOST",
            "ADMIN_EMAIL",
            "ADMIN_PASSWORD",
            "DJANGO_SETTINGS_MODULE",
        }
        plain = {name: value for name, value in os.environ.items() if name not in hidden}
        # With several workers it would be luck which of them a test sees or kills, and each start
        # takes longer.
        ours = {
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "LANGUAGE": "en",
            "WORKER_PROCESSES": "1",
        }
        self.environment = {**plain, **ours, **environment}
        self.printed = data_dir.with_name(f"{data_dir.name}.printed")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *command: str) -> "Stack":
        """Run `up`, by `command` if it is to be called in another way."""
        with self.printed.open("ab") as out:
            self.process = subprocess.Popen(
                command or (sys.executable, str(ROOT / "manage.py"), "up"),
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run another command of manage.py to its end."""
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=90
        )

    def get(self, path: str, seconds: float = 20.0) -> int:
        """Return the status of a page, 0 without an answer."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=seconds
            ) as response:
                status: int = response.status
                return status
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code
        except OSError:
            return 0

    def wait_until_ready(self) -> "Stack":
        def ready() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.text()
            return self.get("/readyz") == 200 and set(self.parts()) == set(MARKS)

        wait_until(ready)
        return self

    def text(self) -> str:
        """Return what it has printed so far."""
        return self.printed.read_text(encoding="utf-8") if self.printed.exists() else ""

    def family(self) -> list[psutil.Process]:
        """Return the supervisor, its children, and theirs."""
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        return []

    def supervisor(self) -> psutil.Process:
        """Return the process that all others descend from; make may stand above it."""
        return next(
            process for process in self.family() if "manage.py" in " ".join(process.cmdline())
        )

    def parts(self) -> dict[str, int]:
        """Return the process of each part that runs."""
        found = {}
        for process in self.supervisor().children():
            with suppress(psutil.NoSuchProcess):
                words = " ".join(process.cmdline())
                found.update({name: process.pid for name, mark in MARKS.items() if mark in words})
        return found

    def kill(self, part: str) -> int:
        """End a part as the kernel does when memory runs out; return its number."""
        pid = self.parts()[part]
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; return the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def clear(self) -> None:
        """End all processes that are left, in any state."""
        for process in self.family() if self.process and self.process.poll() is None else []:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self.process is not None:
            self.process.wait(30)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run."""

    def runs(process: psutil.Process) -> bool:
        with suppress(psutil.NoSuchProcess):
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        return False

    return [process for process in processes if runs(process)]
