"""Client address and scheme of requests that come through a proxy, believed only from the proxies that are listed.

An ASGI application in front of another. An unlisted client that sends the headers of a proxy stays what its connection
says it is: otherwise each guess at a password could carry another address.
"""

import logging
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from embedded.ip_addresses import ip_address_of

logger = logging.getLogger(__name__)


class TrustedProxies(ProxyHeadersMiddleware):
    """Takes `X-Forwarded-For` and `X-Forwarded-Proto` from addresses and networks in `trusted`."""

    def __init__(self, app: Any, trusted: list[str]) -> None:
        super().__init__(app, trusted)
        self._has_warned = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        if scope.get("client"):
            host, port = scope["client"]
            scope["client"] = (
                str(ip_address_of(host) or host),
                port,
            )  # IPv4 clients of an IPv6 socket come as ::ffff:a.b.c.d.
            self._warn_of_unlisted(scope)
        await super().__call__(scope, receive, send)

    def _warn_of_unlisted(self, scope: Any) -> None:
        """Log once that a proxy seems to be missing in the list."""
        host = scope["client"][0]
        if self._has_warned or host in self.trusted_hosts:
            return
        if any(name == b"x-forwarded-for" for name, _value in scope["headers"]):
            self._has_warned = True
            logger.warning("X-Forwarded-For of %s is ignored; if that is your proxy, add it to TRUSTED_PROXIES.", host)
