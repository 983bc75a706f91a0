"""Authentication of WebSockets: a session cookie with checked Origin, or a token.

The token is in a subprotocol, because browsers cannot set headers of WebSockets.
"""

from typing import Any

from channels.security.websocket import OriginValidator, WebsocketDenier
from channels.sessions import CookieMiddleware
from django.conf import settings

from accounts.access_watch import caller_by_session, caller_by_token

SUBPROTOCOL = "reading-room"
TOKEN_PREFIX = "bearer."


def signed_in_by_cookie_or_token(app: Any) -> Any:
    """Return `app` behind both kinds of authentication.

    They set `scope["who"]` and `scope["chosen_subprotocol"]`.

    `who` queries the database at each call, since a socket may outlive a session or a token.
    Browsers send cookies from foreign pages too, so a cookie requires an Origin of this server. A
    token requires none, as foreign pages do not know it.
    """

    async def with_session(scope: Any, receive: Any, send: Any) -> Any:
        key = scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        return await app({**scope, "who": caller_by_session(key)}, receive, send)

    by_cookie = _OwnOrigin(CookieMiddleware(with_session), settings.ALLOWED_HOSTS)

    async def choose(scope: Any, receive: Any, send: Any) -> Any:
        offered = scope.get("subprotocols", [])
        scope["chosen_subprotocol"] = SUBPROTOCOL if SUBPROTOCOL in offered else None
        raw = next(
            (name.removeprefix(TOKEN_PREFIX) for name in offered if name.startswith(TOKEN_PREFIX)),
            None,
        )
        if raw is None:
            return await by_cookie(scope, receive, send)
        return await app({**scope, "who": caller_by_token(raw)}, receive, send)

    return choose


class _OwnOrigin(OriginValidator):
    """Accepts this server's origin including its port; Channels compares host names only."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        host = headers.get(b"host", b"").decode("latin-1").lower()
        scheme = "https" if scope.get("scheme") == "wss" else "http"
        is_own = origin in settings.CSRF_TRUSTED_ORIGINS or origin == f"{scheme}://{host}"
        return await (super().__call__ if is_own else WebsocketDenier())(scope, receive, send)
