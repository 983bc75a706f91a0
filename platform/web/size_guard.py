"""The size guard: refuses bodies that are too large before Django spools them to disk, ahead of any sign-in.

Here too ends what Django says nothing about: that the disk it spools to is full.
"""

import errno
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from web.problems import MEDIA_TYPE, problem

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# The addresses that take documents, and so more than a form's worth of bytes.
UPLOADS = re.compile(r"^/(api/v1/workspaces|w)/[^/]+/documents/$")
DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}


class BodyTooLarge(Exception):
    """The body has outgrown its limit while it was being read."""


class SizeGuard:
    """An ASGI application in front of another, that answers 413 by Content-Length or as soon as too much has come.

    `is_known` says whether a request comes from somebody signed in: nobody else may fill the disk with documents.
    """

    def __init__(self, app: Application, is_known: Callable[[Scope], Awaitable[bool]]) -> None:
        self.app = app
        self.is_known = is_known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        limit = settings.MAX_REQUEST_BYTES
        announced = _announced(scope)
        if UPLOADS.match(scope["path"]) and (announced is None or announced > limit):
            if not await self.is_known(scope):
                await _refuse_strangers(send)
                return
            limit = settings.MAX_UPLOAD_BYTES
        if announced is not None and announced > limit:
            await _refuse(limit, send)
            return
        answer = _Answer(send)
        try:
            await self.app(scope, _counting(receive, limit), answer.send)
        except BodyTooLarge:
            if answer.begun:
                raise
            await _refuse(limit, send)
        except OSError as error:
            if answer.begun or error.errno not in DISK_IS_FULL:
                raise
            await _refuse_for_room(send)


class _Answer:
    """Knows whether the application has begun to answer; it cannot be given another answer then."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def send(self, message: dict[str, Any]) -> None:
        self.begun = True
        await self._send(message)


def _announced(scope: Scope) -> int | None:
    """Return how long the body says it is; None when it comes in pieces until it ends."""
    headers = dict(scope["headers"])
    value = headers.get(b"content-length", b"")
    if value.isdigit():
        return int(value[:20])
    return None if b"transfer-encoding" in headers else 0


def _counting(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> dict[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise BodyTooLarge
        return message

    return counted


async def _refuse(limit: int, send: Send) -> None:
    detail = f"This is larger than the {limit // 2**20} MB that one request may carry. Send fewer or smaller documents."
    await _say(problem(413, "too_large", detail), send)


async def _refuse_strangers(send: Send) -> None:
    await _say(problem(401, "not_authenticated", "Sign in before you add documents."), send)


async def _refuse_for_room(send: Send) -> None:
    detail = "The server's disk is full, so nothing was added. An administrator has to make room first."
    await _say(problem(507, "disk_full", detail), send)


async def _say(what: dict[str, Any], send: Send) -> None:
    body = json.dumps(what).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": what["status"], "headers": headers})
    await send({"type": "http.response.body", "body": body})
