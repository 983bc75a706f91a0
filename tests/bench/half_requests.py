"""Half-sent requests: whether others are served while many connections hold the beginning of a head."""

import resource
import socket
import time
from contextlib import ExitStack

from bench.answering import spread
from support.running_server import running

HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-"
CONNECTIONS = 1_300
REQUESTS = 30
SOFT_FILES = 1_024


def main() -> None:
    """Hold the connections open and ask /healthz meanwhile; the server starts with a low soft limit of files."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT_FILES, hard))
    with running() as server, ExitStack() as held:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        for _ in range(CONNECTIONS):
            client = held.enter_context(
                socket.create_connection(("127.0.0.1", server.port), timeout=10)
            )
            client.sendall(HALF)
        seconds = []
        for _ in range(REQUESTS):
            began = time.monotonic()
            if server.get("/healthz", 10) == 200:
                seconds.append(time.monotonic() - began)
    served = f"{len(seconds)} of {REQUESTS} requests answered"
    print(
        f"{CONNECTIONS} half-sent requests: {served} {spread(seconds) if seconds else ''}",
        flush=True,
    )
