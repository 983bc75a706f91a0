"""Refuses bodies that are too large before Django spools them to disk.

It also refuses requests while that disk is full.

It runs before authentication, so its messages are in the browser's language.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import translation
from django.utils.translation import gettext as _

from embedded.data_dir.checks import DISK_FULL_ERRNOS
from web.api.problems import PROBLEM_MEDIA_TYPE, refusal_response
from web.asgi.types import Application, Receive, Scope, Send
from web.exceptions import DatabaseAway, DiskFull, Refusal, is_database_away
from web.languages import language_of

# The URLs that accept documents, and so larger bodies.
UPLOAD_PATHS = re.compile(r"^/(api/v1/workspaces|w)/[^/]+/documents/$")


class BodyTooLarge(Exception):
    """The body has exceeded its limit while it was read."""


class SizeGuard:
    """An ASGI application in front of another, which answers 413 to large bodies.

    It checks Content-Length, and counts the bytes of the body.

    `is_known` checks the credentials of uploads: visitors must not fill the disk with documents.
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
        length = _content_length(scope)
        if UPLOAD_PATHS.match(scope["path"]) and (length is None or length > limit):
            if refusal := await self._refusal_of_visitor(scope):
                await _send_refusal(refusal, send)
                return
            limit = settings.MAX_UPLOAD_BYTES
        if length is not None and length > limit:
            await _send_refusal(_too_large(limit), send)
            return
        response = _Response(send)
        try:
            await self.app(scope, _counting(receive, limit), response.send)
        except BodyTooLarge:
            if response.begun:
                raise
            await _send_refusal(_too_large(limit), send)
        except OSError as error:
            if response.begun or error.errno not in DISK_FULL_ERRNOS:
                raise
            await _send_refusal(DiskFull(), send)

    async def _refusal_of_visitor(self, scope: Scope) -> Refusal | None:
        """Return the refusal of a request without valid credentials, None with them."""
        try:
            if await self.is_known(scope):
                return None
        except (DatabaseError, InterfaceError) as error:
            if not is_database_away(error):
                raise
            return DatabaseAway()
        return Refusal(_("Sign in before you upload files."), code="not_authenticated", status=401)


class _Response:
    """Records whether the application has begun to answer, after which no refusal can be sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def send(self, message: Mapping[str, Any]) -> None:
        self.begun = True
        await self._send(message)


def _content_length(scope: Scope) -> int | None:
    """Return the Content-Length; None for a chunked body, 0 for none."""
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


async def _send_refusal(refusal: Refusal, send: Send) -> None:
    body = refusal_response(refusal).content
    headers = [
        (b"content-type", PROBLEM_MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"content-language", (translation.get_language() or "en").encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
