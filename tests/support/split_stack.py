"""Reading Room as containers run it: each part its own process, on one Redis and one external PostgreSQL."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import yaml
from support.external_postgres import PASSWORD, ExternalDatabase, external_database
from support.redis_server import RedisServer, running_redis
from support.running_server import ADMIN, Server
from support.stack import free_port, wait_until

from embedded.terminal_language import ROOT

SERVICES = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))[
    "services"
]


class Apart:
    """The parts, and what they share."""

    def __init__(
        self, folder: Path, database: ExternalDatabase, redis: RedisServer, **environment: str
    ) -> None:
        self.folder, self.database, self.redis = folder, database, redis
        (folder / "database_password").write_text(f"{PASSWORD}\n", encoding="utf-8")
        self._shared = {
            "HOST": "127.0.0.1",
            "PUBLIC_URL": "",
            "TRUSTED_PROXIES": "",
            "TMPDIR": str(folder),
            "DATABASE_URL": database.url.replace(":p%40ss%2Fword@", "@"),
            "DATABASE_PASSWORD_FILE": str(folder / "database_password"),
            "REDIS_URL": redis.url,
            "ADMIN_EMAIL": ADMIN["email"],
            "ADMIN_PASSWORD": ADMIN["password"],
            **environment,
        }
        self.parts: dict[str, Server] = {}

    def part(self, name: str) -> Server:
        """Start one more process as compose.yaml does; its service is the first word of `name`."""
        service = SERVICES[name.split(" ", maxsplit=1)[0]]
        server = Server(self.folder / "var", free_port())
        own = {"DATA_DIR": str(server.data_dir), "PORT": str(server.port)}
        server.environment |= {**service["environment"], **self._shared, **own}
        server.printed = self.folder / f"{name}.printed"
        python, *words = service["command"]
        assert python == "python"
        server.start(sys.executable, *words)
        self.parts[name] = server
        return server

    def text(self) -> str:
        """Return all that the parts have printed."""
        return "\n".join(f"--- {name}\n{part.text()}" for name, part in self.parts.items())

    def wait_until_ready(self, *names: str) -> None:
        """Wait until each of these web processes says that all is well."""
        for name in names:
            wait_until(lambda name=name: self.parts[name].get("/readyz") == 200)

    def kill(self, name: str) -> None:
        """End a part without warning, with all that it has started."""
        part = self.parts.pop(name)
        for process in part.family():
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        assert part.process is not None
        part.process.wait(10)

    def clear(self) -> None:
        """End all parts."""
        for part in self.parts.values():
            if part.process is not None and part.process.poll() is None:
                part.process.send_signal(signal.SIGTERM)
        for part in self.parts.values():
            with suppress(Exception):
                part.process.wait(10)
            part.clear()


@contextmanager
def running_apart(**environment: str) -> Iterator[Apart]:
    """A database and a Redis, and nothing yet that uses them."""
    with ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="rr-apart-", ignore_cleanup_errors=True)
        )
        database, redis = (
            stack.enter_context(external_database()),
            stack.enter_context(running_redis()),
        )
        apart = Apart(Path(folder), database, redis, **environment)
        stack.callback(apart.clear)
        yield apart
