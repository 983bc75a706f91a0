"""The web process: uvicorn on the supervisor's socket.

Connections wait in the socket while the process restarts.

Run as `python -m embedded.processes.serve DESCRIPTOR`. It serves `config.asgi`.
"""

import socket
import sys

import uvicorn

from embedded.processes.http_protocol import LimitedHttp

SHUTDOWN_GRACE_SECONDS = 3
MAX_FRAME_BYTES = 2**20
# The event loop sends the streams. At the default interval it waits 5 ms for each thread that runs
# Python code.
THREAD_SWITCH_SECONDS = 0.0005
# libuv accepts one connection per listening handle and turn of its loop. With one handle, 300
# requests made at once kept every other connection waiting for 25 s on a busy machine; handles of
# the same socket share its queue.
LISTENING_HANDLES = 32


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    sys.setswitchinterval(THREAD_SWITCH_SECONDS)
    config = uvicorn.Config(
        "config.asgi:application",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `config.asgi` reads them, from listed proxies only.
        http=LimitedHttp,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=SHUTDOWN_GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=handles(socket.socket(fileno=int(sys.argv[1]))))


def handles(listener: socket.socket) -> list[socket.socket]:
    """Return LISTENING_HANDLES sockets on the queue of `listener`, which is one of them."""
    return [listener, *(listener.dup() for _handle in range(LISTENING_HANDLES - 1))]


if __name__ == "__main__":
    main()
