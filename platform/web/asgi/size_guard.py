"""The size guard: refuses bodies that are too large before Django spools them to disk, ahead of any sign-in.

Here too ends what Django says nothing about: that the disk it spools to is full. It speaks the language of the browser,
since nobody has looked yet who is asking.
"""

import errno
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import translation
from django.utils.translation import gettext as _

from web.api.problems import MEDIA_TYPE, refusal_response
from web.asgi.types import Application, Receive, Scope, Send
from web.exceptions import DatabaseAway, DiskFull, Refusal, is_database_away
from web.languages import language_of

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
        with translation.override(language_of(scope)):
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = settings.MAX_REQUEST_BYTES
        announced = _announced(scope)
        if UPLOADS.match(scope["path"]) and (announced is None or announced > limit):
            if refusal := await self._stranger(scope):
                await _say(refusal, send)
                return
            limit = settings.MAX_UPLOAD_BYTES
        if announced is not None and announced > limit:
            await _say(_too_large(limit), send)
            return
        answer = _Answer(send)
        try:
            await self.app(scope, _counting(receive, limit), answer.send)
        except BodyTooLarge:
            if answer.begun:
                raise
            await _say(_too_large(limit), send)
        except OSError as error:
            if answer.begun or error.errno not in DISK_IS_FULL:
                raise
            await _say(DiskFull(), send)

    async def _stranger(self, scope: Scope) -> Refusal | None:
        """Return why whoever asks is not to be listened to."""
        try:
            return None if await self.is_known(scope) else _strangers()
        except (DatabaseError, InterfaceError) as error:
            if not is_database_away(error):
                raise
            return DatabaseAway()


class _Answer:
    """Knows whether the application has begun to answer; it cannot be given another answer then."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def send(self, message: Mapping[str, Any]) -> None:
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

    async def counted() -> Mapping[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise BodyTooLarge
        return message

    return counted


def _too_large(limit: int) -> Refusal:
    sentence = _("The request exceeds the limit of %(size)d MB. Send fewer or smaller files.")
    return Refusal(sentence % {"size": limit // 2**20}, code="too_large", status=413)


def _strangers() -> Refusal:
    return Refusal(_("Sign in before you upload files."), code="not_authenticated", status=401)


async def _say(refusal: Refusal, send: Send) -> None:
    body = refusal_response(refusal).content
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"content-language", (translation.get_language() or "en").encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
