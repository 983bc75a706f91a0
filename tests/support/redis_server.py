"""A Redis of a test's own: started, killed without warning, started again with nothing in it."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import redis
from support.stack import free_port, wait_until


class RedisServer:
    """One port, and the server that runs there, if one does."""

    def __init__(
        self, folder: Path, *options: str, query: str = "", password: str = "", tls: bool = False
    ) -> None:
        self.folder = folder
        self.port = free_port()
        scheme, secret = ("rediss", "tls-port") if tls else ("redis", "port")
        self.url = f"{scheme}://{f':{password}@' if password else ''}localhost:{self.port}/0{query}"
        self._options = [
            f"--{secret}",
            str(self.port),
            *(["--requirepass", password] if password else []),
            *options,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed")
        command = [
            program,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
            *self._options,
        ]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._answers, 10)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def _answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False


@contextmanager
def running_redis(*options: str, **more: object) -> Iterator[RedisServer]:
    """A Redis, for as long as the test."""
    with tempfile.TemporaryDirectory(prefix="rr-redis-") as folder:
        server = RedisServer(Path(folder), *options, **more)
        server.start()
        try:
            yield server
        finally:
            server.kill()
