"""Limits of one HTTP connection that uvicorn lacks.

They limit the time for a request's head and body, and connections by address.

Each connection needs a file of the process, so a client with many idle connections could block all
others. WebSockets are exempt after their handshake. See docs/decisions/0009-http-limits.md.
"""

import asyncio
import ipaddress
import resource
from functools import cache, lru_cache
from typing import Any, ClassVar

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from embedded.ip_addresses import client_of, ip_address_of

# From the connection, or the first byte after an answer, to the end of the head, which browsers
# send in one segment.
HEAD_SECONDS = 20.0
# Silence within a body. An upload over a slow link may take hours, but sends some bytes each
# minute.
BODY_SILENCE_SECONDS = 60.0
# Files for other uses than connections: database, documents, model servers, libraries.
RESERVED_FILES = 256
MIN_CONNECTIONS = 64
BUSY_RESPONSE = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 21\r\nretry-after: 10\r\n"
    b"connection: close\r\n\r\nToo many connections."
)


@cache
def max_connections() -> int:
    """Return the number of connections that the file limit allows."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(MIN_CONNECTIONS, soft - RESERVED_FILES)


@lru_cache(maxsize=4096)  # Bounded: one client may connect from any number of IPv6 addresses.
def is_counted(host: str) -> bool:
    """Return whether connections from `host` are counted.

    Those of proxies are not, as a proxy serves many clients.

    Loopback counts as a proxy without being listed. `web.asgi.connection_limit` counts connections
    through listed proxies by the address that they forward.
    """
    address = ip_address_of(host)
    if address is None or address.is_loopback:
        return False
    return not any(address in ipaddress.ip_network(network) for network in settings.TRUSTED_PROXIES)


class LimitedHttp(HttpToolsProtocol):
    """One connection. It awaits a head from its start and from the first byte after a response."""

    # Connections that wait for a head, oldest first.
    waiting: ClassVar[dict["LimitedHttp", None]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._last_byte = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Start the wait for a head, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > max_connections() and self.waiting:
            next(iter(self.waiting)).refuse()
        if len(self.connections) > max_connections() or self._address_has_too_many():
            self.refuse()
        else:
            self._await_head()

    def data_received(self, data: bytes) -> None:
        """Parse the data; bytes after an answer start the wait for the next head."""
        super().data_received(data)
        self._last_byte = self.loop.time()
        if self not in self.connections or self.transport.is_closing():  # The first: WebSocket.
            return
        if self.cycle is None or self.cycle.response_complete:
            if self._head_timer is None:
                self._await_head()
        elif self.cycle.more_body and self._body_timer is None:
            self._body_timer = self.loop.call_later(BODY_SILENCE_SECONDS, self._check_body)

    def on_headers_complete(self) -> None:
        """Stop the wait for the head."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timers."""
        self._stop_waiting()
        if self._body_timer is not None:
            self._body_timer.cancel()
        super().connection_lost(exc)

    def refuse(self) -> None:
        """Answer 503 and close the connection; its earlier requests stay unanswered."""
        self._stop_waiting()
        self.connections.discard(self)
        self.transport.write(BUSY_RESPONSE)
        self.transport.close()

    def _address_has_too_many(self) -> bool:
        host = self.client[0] if self.client else ""
        if not is_counted(host):
            return False
        clients = [getattr(connection, "client", None) for connection in self.connections]
        same: int = sum(
            client is not None and client_of(client[0]) == client_of(host) for client in clients
        )
        most: int = settings.CONNECTIONS_PER_ADDRESS
        return same > most

    def _await_head(self) -> None:
        self.waiting[self] = None
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        self.waiting.pop(self, None)
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _check_body(self) -> None:
        """Close the connection after silence in a body, unless the application pauses reading."""
        self._body_timer = None
        if not self.cycle.more_body or self.cycle.response_complete or self.transport.is_closing():
            return
        if self.flow.read_paused:
            self._last_byte = self.loop.time()
        left = BODY_SILENCE_SECONDS - (self.loop.time() - self._last_byte)
        if left > 0:
            self._body_timer = self.loop.call_later(left, self._check_body)
        else:
            self.transport.close()
