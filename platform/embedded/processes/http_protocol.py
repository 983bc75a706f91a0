"""Limits of one HTTP connection, which uvicorn lacks: time for a request's head and body, connections by address.

A connection is a file of the process, and files are few: clients that open many and say little must not shut others
out. WebSockets are exempt once their handshake has come. See docs/decisions/0009-http-limits.md.
"""

import asyncio
import ipaddress
import resource
from functools import cache, lru_cache
from typing import Any, ClassVar

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from embedded.ip_addresses import client_of, ip_address_of

# From the connection, or the first byte after an answer, to the end of the head. A browser sends it in one piece.
HEAD_SECONDS = 20.0
# Silence inside a body. A slow link may take hours for an upload, but no minute without a byte.
BODY_SILENCE_SECONDS = 60.0
# Files for all that is not a connection: database, documents, model servers, libraries.
SPARE_FILES = 256
FEWEST_CONNECTIONS = 64
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 21\r\nretry-after: 10\r\n"
    b"connection: close\r\n\r\nToo many connections."
)


@cache
def most_connections() -> int:
    """Return how many connections this process has files for."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(FEWEST_CONNECTIONS, soft - SPARE_FILES)


@lru_cache(maxsize=4096)  # Bounded: one client may connect from any number of IPv6 addresses.
def is_counted(host: str) -> bool:
    """Return whether connections from `host` are counted: not those of proxies, each of which carries many people.

    A proxy on this machine needs not be listed for that. Connections through listed ones are counted by the address
    that they forward, in `web.asgi.connection_limit`.
    """
    address = ip_address_of(host)
    if address is None or address.is_loopback:
        return False
    return not any(address in ipaddress.ip_network(network) for network in settings.TRUSTED_PROXIES)


class LimitedHttp(HttpToolsProtocol):
    """One connection. It waits for a head from its beginning, and again from the first byte after an answer."""

    # Connections that wait for a head, the longest waiting one first.
    waiting: ClassVar[dict["LimitedHttp", None]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._last_byte = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a head, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > most_connections() and self.waiting:
            next(iter(self.waiting)).refuse()
        if len(self.connections) > most_connections() or self._address_has_too_many():
            self.refuse()
        else:
            self._await_head()

    def data_received(self, data: bytes) -> None:
        """Read on; what follows an answer is the beginning of a head."""
        super().data_received(data)
        self._last_byte = self.loop.time()
        if self not in self.connections or self.transport.is_closing():  # The first: a WebSocket has taken over.
            return
        if self.cycle is None or self.cycle.response_complete:
            if self._head_timer is None:
                self._await_head()
        elif self.cycle.more_body and self._body_timer is None:
            self._body_timer = self.loop.call_later(BODY_SILENCE_SECONDS, self._look_at_body)

    def on_headers_complete(self) -> None:
        """Stop waiting for the head, and begin to answer."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        if self._body_timer is not None:
            self._body_timer.cancel()
        super().connection_lost(exc)

    def refuse(self) -> None:
        """Close the connection and say why; what it has sent so far goes unanswered."""
        self._stop_waiting()
        self.connections.discard(self)
        self.transport.write(BUSY)
        self.transport.close()

    def _address_has_too_many(self) -> bool:
        host = self.client[0] if self.client else ""
        if not is_counted(host):
            return False
        clients = [getattr(connection, "client", None) for connection in self.connections]
        same: int = sum(client is not None and client_of(client[0]) == client_of(host) for client in clients)
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

    def _look_at_body(self) -> None:
        """Close the connection after a silence inside a body, unless it is the application that does not read."""
        self._body_timer = None
        if not self.cycle.more_body or self.cycle.response_complete or self.transport.is_closing():
            return
        if self.flow.read_paused:
            self._last_byte = self.loop.time()
        left = BODY_SILENCE_SECONDS - (self.loop.time() - self._last_byte)
        if left > 0:
            self._body_timer = self.loop.call_later(left, self._look_at_body)
        else:
            self.transport.close()
