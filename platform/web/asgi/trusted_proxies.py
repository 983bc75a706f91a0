"""Client address and scheme from the headers of listed proxies.

An ASGI application in front of another. The headers of unlisted clients are ignored; otherwise each
guess at a password could carry another address.
"""

import logging
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from embedded.ip_addresses import ip_address_of

logger = logging.getLogger(__name__)


class TrustedProxies(ProxyHeadersMiddleware):
    """Applies `X-Forwarded-For` and `X-Forwarded-Proto` of addresses and networks in `trusted`."""

    def __init__(self, app: Any, trusted: list[str]) -> None:
        super().__init__(app, trusted)
        self._has_warned = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        if scope.get("client"):
            host, port = scope["client"]
            # An IPv6 socket reports IPv4 clients as ::ffff:a.b.c.d.
            scope["client"] = (str(ip_address_of(host) or host), port)
            self._warn_of_unlisted(scope)
        await super().__call__(scope, receive, send)

    def _warn_of_unlisted(self, scope: Any) -> None:
        """Log once if an unlisted client sends X-Forwarded-For."""
        host = scope["client"][0]
        if self._has_warned or host in self.trusted_hosts:
            return
        if any(name == b"x-forwarded-for" for name, _value in scope["headers"]):
            self._has_warned = True
            logger.warning(
                "X-Forwarded-For of %s is ignored; if that is your proxy, add it to TRUSTED_PROXIES.",
                host,
            )
