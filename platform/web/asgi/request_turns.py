"""Turns of HTTP requests: few requests of one caller begin at once.

A burst therefore does not delay other callers.

All requests of a process share one event loop. A turn lasts until the response starts, until the
view calls `end_turn` before slow work, or MAX_TURN_SECONDS. An ASGI application in front of
another. `admission` limits expensive work.
"""

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final
from weakref import WeakValueDictionary

from django.conf import settings
from django.http.cookie import parse_cookie

from web.asgi.types import Application, Receive, Scope, Send

REQUESTS_PER_CALLER: Final = 4
MAX_TURN_SECONDS: Final = 0.25  # A slow upload delays other requests of its sender by at most this.
_current: Final[ContextVar["_Turn | None"]] = ContextVar("request_turn", default=None)


class RequestTurns:
    """Passes REQUESTS_PER_CALLER requests at a time per token, session or else address."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self._callers: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        slots = self._callers.setdefault(_caller(scope), asyncio.Semaphore(REQUESTS_PER_CALLER))
        await slots.acquire()
        turn = _Turn(slots)
        _current.set(turn)

        async def send_after_turn(message: Mapping[str, Any]) -> None:
            turn.end()
            await send(message)

        try:
            await self.app(scope, receive, send_after_turn)
        finally:
            turn.end()


class _Turn:
    """A slot of a caller, held until `end`, at most for MAX_TURN_SECONDS."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots: asyncio.Semaphore | None = slots
        self._timer = asyncio.get_running_loop().call_later(MAX_TURN_SECONDS, self.end)

    def end(self) -> None:
        """Free the slot; a second call does nothing."""
        if self._slots is not None:
            self._timer.cancel()
            self._slots.release()
            self._slots = None


def end_turn() -> None:
    """Let the caller's next request begin; does nothing outside a request."""
    if turn := _current.get():
        turn.end()


def _caller(scope: Scope) -> str:
    headers = dict(scope["headers"])
    if authorization := headers.get(b"authorization"):
        return str(authorization, "latin-1")
    session = parse_cookie(str(headers.get(b"cookie", b""), "latin-1")).get(
        settings.SESSION_COOKIE_NAME
    )
    return session or (scope.get("client") or ("",))[0]
