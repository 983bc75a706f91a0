"""The listening socket, opened before all programs start, and the probe of the web server."""

import errno
import selectors
import socket
import time

from embedded.exceptions import CannotStart
from embedded.processes.options import SupervisorOptions
from embedded.terminal_language import gettext as _

LISTEN_BACKLOG = 2048
CONNECT_SECONDS = 0.5
RETRY_SECONDS = 1.0  # The web server of a supervisor that was just killed may still hold the port.


def listen(options: SupervisorOptions) -> socket.socket:
    """Open the socket of HOST and PORT; raises `CannotStart` if that fails."""
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            return _open(options.host, options.port)
        except OSError as exc:
            if exc.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise _refusal(options, exc) from exc
        time.sleep(0.1)


def _open(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    both = family == socket.AF_INET6 and socket.has_dualstack_ipv6() and host == "::"
    return socket.create_server(
        (host, port), family=family, backlog=LISTEN_BACKLOG, dualstack_ipv6=both
    )


def _refusal(options: SupervisorOptions, error: OSError) -> CannotStart:
    values = {
        "port": options.port,
        "host": options.host,
        "other": options.port + 1,
        "reason": error.strerror or error,
    }
    if error.errno == errno.EADDRINUSE:
        return CannotStart(
            _(
                "Port %(port)d on %(host)s is in use by another program. Stop that program, or choose another port:"
                " PORT=%(other)d."
            )
            % values
        )
    return CannotStart(
        _(
            "Reading Room cannot listen on port %(port)d of %(host)s (%(reason)s). Choose another PORT or HOST."
        )
        % values
    )


class Probe:
    """One request for /healthz, which waits in the socket's queue until it is accepted."""

    def __init__(self, listener: socket.socket, selector: selectors.BaseSelector) -> None:
        self._target = listener.getsockname()[:2]
        self._family = listener.family
        self._selector = selector
        self._client: socket.socket | None = None

    def send(self) -> None:
        """Send the request unless one is outstanding; the selector wakes up for the answer.

        Nothing is sent if the socket's queue is full, which counts as no answer.
        """
        if self._client is not None:
            return
        host, port = self._target
        client = socket.socket(self._family)
        client.settimeout(CONNECT_SECONDS)
        try:
            client.connect(({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port))
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        except OSError:
            client.close()
            return
        client.setblocking(False)
        self._client = client
        self._selector.register(client, selectors.EVENT_READ, lambda: None)

    def answered(self) -> bool:
        """Return whether the answer has arrived; a broken connection allows the next `send`."""
        if self._client is None:
            return False
        try:
            said = self._client.recv(64)
        except BlockingIOError:
            return False
        except OSError:
            said = b""
        self.close()
        return said.startswith(b"HTTP/")

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._selector.unregister(self._client)
            self._client.close()
            self._client = None
