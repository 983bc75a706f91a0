"""Django's middlewares without a thread for each of their hooks, when they serve asynchronously.

Django hands every hook that is not a coroutine to a thread, there and back: fourteen times a request, which takes
longer than what they do. Those here only look at the request and the response, so they run where they are called;
whoever has something to write to the database goes to a thread as before. Middleware of our own is in `pages`.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware

from web.database import in_database

# A form may hold documents, and reading those takes seconds that nobody else is to wait for.
_readers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="forms")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}  # As Django's protection against forged requests has them.


class OnTheLoop:
    """Put before a middleware of Django's, calls its hooks where the request is."""

    get_response: Callable[[HttpRequest], Any]

    async def __acall__(self, request: HttpRequest) -> Any:
        """Answer a request as Django's own does, without threads."""
        before, after = getattr(self, "process_request", None), getattr(self, "process_response", None)
        response = (before(request) if before else None) or await self.get_response(request)
        if after is None:
            return response
        if self.writes(request):
            return await in_database(after)(request, response)
        return after(request, response)

    def writes(self, request: HttpRequest) -> bool:
        """Whether something is to be written now that there is a response."""
        return False


class Security(OnTheLoop, SecurityMiddleware):
    """Headers, and the way to HTTPS."""


class Sessions(OnTheLoop, SessionMiddleware):
    """Sessions; one that was changed is saved."""

    def writes(self, request: HttpRequest) -> bool:
        """Whether the session has to be saved."""
        session = getattr(request, "session", None)
        return session is not None and (session.modified or settings.SESSION_SAVE_EVERY_REQUEST)


class Common(OnTheLoop, CommonMiddleware):
    """Slashes at the end of addresses, lengths of responses."""


class Csrf(OnTheLoop, CsrfViewMiddleware):
    """Protection against forged requests; it reads forms, and does that in a thread."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            self._look_at = self.process_view
            self.process_view = self._aprocess_view  # type: ignore[assignment]

    async def _aprocess_view(self, request: HttpRequest, callback: Any, *args: Any) -> Any:
        if request.method in SAFE_METHODS or getattr(callback, "csrf_exempt", False):
            return self._look_at(request, callback, *args)
        return await in_database(self._look_at, pool=_readers)(request, callback, *args)


class Authentication(OnTheLoop, AuthenticationMiddleware):
    """The user, looked up when somebody asks."""


class Messages(OnTheLoop, MessageMiddleware):
    """Messages for the next page; those that were added or read are written down."""

    def writes(self, request: HttpRequest) -> bool:
        """Whether messages have come or gone."""
        messages = getattr(request, "_messages", None)
        return messages is not None and (messages.used or messages.added_new)


class XFrameOptions(OnTheLoop, XFrameOptionsMiddleware):
    """No frames of others."""
