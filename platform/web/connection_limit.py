"""A limit on the requests and WebSockets that one address has open at once, as a proxy forwards it.

An ASGI application in front of another. Connections without a proxy are counted earlier, in `embedded.http_protocol`,
before they have sent a head.
"""

import ipaddress
from collections import Counter
from typing import Any

from web.size_guard import Receive, Scope, Send


class ConnectionLimit:
    """Answers 503 to whatever is over `most` for the client's address. Loopback is not counted: it may be a proxy."""

    def __init__(self, app: Any, most: int) -> None:
        self.app = app
        self.most = most
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        host = (scope.get("client") or ("",))[0]
        if not _is_counted(host):
            await self.app(scope, receive, send)
            return
        if self._open[host] >= self.most:
            await _refuse(scope, send)
            return
        self._open[host] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._open[host] -= 1
            if not self._open[host]:
                del self._open[host]


def _is_counted(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:  # A Unix socket has none, nor has the start of the server.
        return False


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013})
        return
    headers = [(b"content-length", b"0"), (b"retry-after", b"10"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
