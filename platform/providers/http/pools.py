"""The HTTP clients that all connections share: one for threads, and one for each event loop.

They keep sockets open between calls. Redirects are not followed, since the key would be sent along.
Proxy variables of the environment are ignored, so that documents are sent only to addresses that
administrators have entered. Certificates are verified with the system's store.
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
_MAX_IDLE_CONNECTIONS: Final = 20
_IDLE_SECONDS: Final = 30.0
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

            from providers.http.transports import LimitedTransport

            _blocking = httpx2.Client(transport=LimitedTransport(**_connections()), **_settings())
            atexit.register(close)
        return _blocking


def close() -> None:
    """Close the client for threads; the next call creates another."""
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
    """Yield a client once. A loop that shuts down closes its generators, and so the client."""
    import httpx2

    from providers.http.transports import AsyncLimitedTransport

    client = httpx2.AsyncClient(transport=AsyncLimitedTransport(**_connections()), **_settings())
    try:
        yield client
    finally:
        _of_loops.pop(asyncio.get_running_loop(), None)
        await client.aclose()


@cache
def _certificates() -> "ssl.SSLContext":
    """Return the SSL context, cached because loading the certificates is slow."""
    import httpx2

    # trust_env reads SSL_CERT_FILE and SSL_CERT_DIR, for private certificate authorities.
    return httpx2.create_ssl_context(trust_env=True)


def _settings() -> dict[str, Any]:
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    return {"trust_env": False, "follow_redirects": False, "headers": headers}


def _connections() -> dict[str, Any]:
    import httpx2

    limits = httpx2.Limits(
        max_connections=None,
        max_keepalive_connections=_MAX_IDLE_CONNECTIONS,
        keepalive_expiry=_IDLE_SECONDS,
    )
    return {"trust_env": False, "verify": _certificates(), "limits": limits}
