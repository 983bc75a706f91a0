"""Limits the open requests and WebSockets of one client, by the address that a proxy forwards.

An ASGI application in front of another. `embedded.processes.http_protocol` counts connections
without a proxy, before they have sent a head.
"""

from collections import Counter
from typing import Any

from embedded.ip_addresses import client_of, ip_address_of, is_loopback
from web.asgi.types import Receive, Scope, Send


class ConnectionLimit:
    """Answers 503 beyond `most` open requests of a client.

    Loopback is not counted, as it may be a proxy.
    """

    def __init__(self, app: Any, most: int) -> None:
        self.app = app
        self.most = most
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        host = (scope.get("client") or ("",))[0]
        # A Unix socket and the lifespan scope have no address.
        if ip_address_of(host) is None or is_loopback(host):
            await self.app(scope, receive, send)
            return
        client = client_of(host)
        if self._open[client] >= self.most:
            await _refuse(scope, send)
            return
        self._open[client] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013})
        return
    headers = [(b"content-length", b"0"), (b"retry-after", b"10"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
