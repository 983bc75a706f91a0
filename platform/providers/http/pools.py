"""The HTTP clients that all connections share: one for threads, and one for each event loop.

They keep sockets open between calls, nothing else. Redirects are not followed, for the key would go with them.
Proxies of the environment are not used: a model server is an address that an administrator has entered, and no
variable should send what is in the documents elsewhere. Certificates are checked against the system's own.
"""

import asyncio
import atexit
from collections.abc import AsyncGenerator
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import ssl

    import httpx2

USER_AGENT: Final = "reading-room"
_KEPT: Final = 20
_KEPT_FOR: Final = 30.0
_lock: Final = Lock()
_blocking: "httpx2.Client | None" = None
_Kept = tuple[AsyncGenerator["httpx2.AsyncClient"], "httpx2.AsyncClient"]
_of_loops: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Kept]" = WeakKeyDictionary()


def blocking() -> "httpx2.Client":
    """Return the client for threads."""
    global _blocking
    with _lock:
        if _blocking is None:
            import httpx2

            from providers.http.transports import Transport

            _blocking = httpx2.Client(transport=Transport(**_connections()), **_settings())
            atexit.register(close)
        return _blocking


def close() -> None:
    """Close the sockets of the client for threads; it is made anew when it is next needed."""
    global _blocking
    with _lock:
        if _blocking is not None:
            _blocking.close()
            atexit.unregister(close)
        _blocking = None


async def of_this_loop() -> "httpx2.AsyncClient":
    """Return the client of the running event loop, which closes it when it shuts down."""
    loop = asyncio.get_running_loop()
    if loop not in _of_loops:
        kept = _open_until_the_loop_ends()
        _of_loops[loop] = (kept, await anext(kept))
    return _of_loops[loop][1]


async def _open_until_the_loop_ends() -> "AsyncGenerator[httpx2.AsyncClient]":
    """Yield a client once. A loop that shuts down closes the generators that it has begun, and so this one's client."""
    import httpx2

    from providers.http.transports import AsyncTransport

    client = httpx2.AsyncClient(transport=AsyncTransport(**_connections()), **_settings())
    try:
        yield client
    finally:
        _of_loops.pop(asyncio.get_running_loop(), None)
        await client.aclose()


@cache
def _certificates() -> "ssl.SSLContext":
    """Return whom to trust, read once: it takes a good part of what there is to a first answer."""
    import httpx2

    # Of the environment only SSL_CERT_FILE and SSL_CERT_DIR, for whoever has a certificate authority of their own.
    return httpx2.create_ssl_context(trust_env=True)


def _settings() -> dict[str, Any]:
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    return {"trust_env": False, "follow_redirects": False, "headers": headers}


def _connections() -> dict[str, Any]:
    import httpx2

    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=_KEPT, keepalive_expiry=_KEPT_FOR)
    return {"trust_env": False, "verify": _certificates(), "limits": limits}
