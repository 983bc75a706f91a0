"""A running Reading Room as programs see it: its API, its memory, its processor time. `stack` starts it."""

import json
import os
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import psutil
import psycopg
from support.stack import Stack

from embedded.postgres import cluster
from embedded.postgres.server import socket_dir

Database: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"
ADMIN = {"email": "ada@example.org", "name": "Ada Reading", "password": "a quiet reading room"}


class Server(Stack):
    """A stack with a client for its API."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, path: str, data: bytes | None = None, method: str | None = None, **headers: str
    ) -> Any:
        """Return the open answer to a request; raises `HTTPError`."""
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        return urllib.request.urlopen(request, timeout=120)

    def call(self, path: str, body: Any = None, token: str = "", method: str | None = None) -> Any:
        """Return the JSON that the API answers with."""
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        with self.request(
            path, None if body is None else json.dumps(body).encode(), method, **headers
        ) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def upload(
        self, slug: str, documents: list[tuple[str, bytes]], token: str
    ) -> list[dict[str, Any]]:
        """Post documents, each a name and its bytes, as one multipart request; return the rows of the answer."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for name, content in documents
        ]
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Authorization": f"Bearer {token}",
        }
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        with self.request(f"/api/v1/workspaces/{slug}/documents/", body, **headers) as answer:
            rows: list[dict[str, Any]] = json.load(answer)["results"]
        return rows

    def documents(self, slug: str, token: str, query: str = "") -> list[dict[str, Any]]:
        """Return all documents of a workspace, page after page."""
        page = {"next": f"/api/v1/workspaces/{slug}/documents/?page_size=500&{query}"}
        found: list[dict[str, Any]] = []
        while page["next"]:
            page = self.call(page["next"].removeprefix(self.url), token=token)
            found += page["results"]
        return found

    def wait_until_indexed(self, slug: str, token: str, seconds: float = 600) -> None:
        """Wait until no document of the workspace is queued or in work any more."""
        unfinished = f"/api/v1/workspaces/{slug}/documents/?status=queued,processing&page_size=1"
        deadline = time.monotonic() + seconds
        while self.call(unfinished, token=token)["results"]:
            assert time.monotonic() < deadline, f"documents are still waiting after {seconds} s"
            time.sleep(0.2)

    def token(self) -> str:
        """Return a token of the first administrator."""
        body = {"email": ADMIN["email"], "password": ADMIN["password"]}
        return str(self.call("/api/v1/tokens/", body)["token"])

    def database(self) -> Database:
        """Return a connection to its embedded database, to be closed; each statement is a transaction."""
        where = {
            "host": str(socket_dir(self.data_dir)),
            "dbname": cluster.DATABASE_NAME,
            "user": cluster.DATABASE_USER,
        }
        return psycopg.connect(**where, autocommit=True)

    def cpu_seconds(self) -> float:
        """Return the processor time that all processes have used so far, those that have ended included."""
        used = 0.0
        for process in self.family():
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used += times.user + times.system + times.children_user + times.children_system
        return used

    def memory_mb(self) -> dict[str, float]:
        """Return each process's proportional share of memory (PSS) in MB, by its number and command."""
        found = {}
        for process in self.family():
            with suppress(FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess):
                found[f"{process.pid} {' '.join(process.cmdline())[-70:]}"] = (
                    _pss_kilobytes(process.pid) / 1024
                )
        return found


@contextmanager
def running(*, with_admin: bool = True, **environment: str) -> Iterator[Server]:
    """A server on an empty DATA_DIR, which goes with it."""
    if with_admin:
        environment |= {"ADMIN_EMAIL": ADMIN["email"], "ADMIN_PASSWORD": ADMIN["password"]}
    with tempfile.TemporaryDirectory(prefix="rr-running-", ignore_cleanup_errors=True) as folder:
        os.chmod(
            folder, 0o755
        )  # As root the database belongs to another system user, who must get in.
        server = Server(Path(folder) / "var", **environment)
        try:
            server.start()
            server.wait_until_ready()
            yield server
            server.stop()
        finally:
            server.clear()


def _pss_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
