"""Who opens a WebSocket: by session cookie, with the Origin checked, or by token in the subprotocol, for programs."""

from typing import Any

from channels.auth import AuthMiddleware
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.contrib.auth.models import AnonymousUser

from accounts.authentication import user_for_token
from web.database import in_database

SUBPROTOCOL = "reading-room"
TOKEN_PREFIX = "bearer."


def signed_in_by_cookie_or_token(app: Any) -> Any:
    """Return `app` behind both ways of signing in; it finds `scope["user"]` and `scope["chosen_subprotocol"]`.

    Browsers always send an Origin and may be lured here from a foreign page, so cookies count only from our own.
    Programs send none; they show a token instead, which no foreign page could know.
    """
    by_cookie = AllowedHostsOriginValidator(CookieMiddleware(SessionMiddleware(AuthMiddleware(app))))

    async def choose(scope: Any, receive: Any, send: Any) -> Any:
        offered = scope.get("subprotocols", [])
        scope["chosen_subprotocol"] = SUBPROTOCOL if SUBPROTOCOL in offered else None
        raw = next((name.removeprefix(TOKEN_PREFIX) for name in offered if name.startswith(TOKEN_PREFIX)), None)
        if raw is None:
            return await by_cookie(scope, receive, send)
        scope["user"] = await in_database(user_for_token)(raw) or AnonymousUser()
        return await app(scope, receive, send)

    return choose
