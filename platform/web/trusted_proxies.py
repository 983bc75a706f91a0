"""Client address and scheme of requests that come through a proxy, believed only from the proxies that are listed.

An ASGI application in front of another. An unlisted client that sends the headers of a proxy stays what its connection
says it is: otherwise each guess at a password could carry another address.
"""

import ipaddress
import logging
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

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
            scope["client"] = (without_mapping(host), port)
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


def without_mapping(host: str) -> str:
    """Return the IPv4 address inside an IPv6 one, which a socket that listens on both reports for IPv4 clients."""
    try:
        mapped = getattr(ipaddress.ip_address(host), "ipv4_mapped", None)
    except ValueError:
        return host
    return str(mapped) if mapped else host
