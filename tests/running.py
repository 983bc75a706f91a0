"""A whole Reading Room as processes, for tests and benchmarks that look at it only from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90
ADMIN = {"email": "ada@example.org", "name": "Ada Reading", "password": "a quiet reading room"}


@dataclass
class Server:
    """A server with an address, a folder and a process."""

    url: str
    data_dir: Path
    process: subprocess.Popen[bytes]

    @property
    def family(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def is_ready(self) -> bool:
        """Whether every part answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def wait_until_ready(self, seconds: float = START_SECONDS) -> float:
        """Return how long it took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended by itself with {self.process.returncode}")
            if self.is_ready():
                return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"not ready within {seconds} s")

    def stop(self, seconds: float = 30) -> None:
        """Stop it as Ctrl-C would."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)

    def call(self, path: str, body: Any = None, token: str = "", method: str | None = None) -> Any:
        """Return the JSON that the API answers with; raises `HTTPError`."""
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def upload(self, path: str, documents: list[tuple[str, bytes]], token: str) -> Any:
        """Post documents, each a name and its bytes, as one multipart request."""
        boundary = uuid.uuid4().hex
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for name, content in documents
        )
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Authorization": f"Bearer {token}",
        }
        request = urllib.request.Request(self.url + path, data=body + f"--{boundary}--\r\n".encode(), headers=headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def wait_until_documents_are_ready(self, slug: str, token: str, seconds: float = 600) -> None:
        """Wait until no document of the workspace is queued or in work any more."""
        unfinished = f"/api/v1/workspaces/{slug}/documents/?status=queued,processing&page_size=1"
        deadline = time.monotonic() + seconds
        while self.call(unfinished, token=token)["results"]:
            if time.monotonic() > deadline:
                raise AssertionError(f"documents are still waiting after {seconds} s")
            time.sleep(0.2)

    def cpu_seconds(self) -> float:
        """Return the processor time that all processes have used so far."""
        used = 0.0
        for process in self.family:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used += times.user + times.system + times.children_user + times.children_system
        return used

    def token(self) -> str:
        """Return a token of the first administrator."""
        body = {"email": ADMIN["email"], "password": ADMIN["password"]}
        return str(self.call("/api/v1/tokens/", body)["token"])


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(data_dir: Path, *, port: int | None = None, **environment: str) -> Server:
    """Start `manage.py up` on `data_dir` and return at once."""
    port = port or free_port()
    inherited = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={**inherited, "PORT": str(port), "DATA_DIR": str(data_dir), **environment},
    )
    return Server(f"http://127.0.0.1:{port}", data_dir, process)


@contextmanager
def running(*, with_admin: bool = True, **environment: str) -> Iterator[Server]:
    """A server on an empty DATA_DIR, which goes with it."""
    with tempfile.TemporaryDirectory(prefix="rr-running-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # As root the database belongs to another system user, who must get in.
        if with_admin:
            environment |= {"ADMIN_EMAIL": ADMIN["email"], "ADMIN_PASSWORD": ADMIN["password"]}
        server = start(Path(folder) / "var", **environment)
        try:
            server.wait_until_ready()
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()


def memory_mb(processes: list[psutil.Process]) -> dict[str, float]:
    """Return each process's proportional share of memory (PSS) in MB, by its command."""
    found: dict[str, float] = {}
    for process in processes:
        try:
            kilobytes = _pss(process.pid)
            name = " ".join(process.cmdline())[-70:]
        except (FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess):
            continue
        found[f"{process.pid} {name}"] = kilobytes / 1024
    return found


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
