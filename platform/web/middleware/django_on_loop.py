"""Django's middlewares with their synchronous hooks on the event loop, for asynchronous requests.

Django runs each synchronous hook in a thread, fourteen times a request, which costs more than the
hooks themselves. These hooks only read the request and the response. A hook that writes to the
database still runs in a thread. The project's own middleware is in `pages`.
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

# A form may hold documents, whose parsing takes seconds, so it has its own threads.
_readers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="forms")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}  # As in CsrfViewMiddleware.


class OnEventLoop:
    """Mixin before a middleware of Django, which calls its hooks on the event loop."""

    get_response: Callable[[HttpRequest], Any]

    async def __acall__(self, request: HttpRequest) -> Any:
        """Run the hooks and the view."""
        before, after = (
            getattr(self, "process_request", None),
            getattr(self, "process_response", None),
        )
        response = (before(request) if before else None) or await self.get_response(request)
        if after is None:
            return response
        if self.writes(request):
            return await in_database(after)(request, response)
        return after(request, response)

    def writes(self, request: HttpRequest) -> bool:
        """Whether `process_response` writes to the database."""
        return False


class Security(OnEventLoop, SecurityMiddleware):
    """Security headers and the redirect to HTTPS."""


class Sessions(OnEventLoop, SessionMiddleware):
    """Sessions."""

    def writes(self, request: HttpRequest) -> bool:
        """Whether the session must be saved."""
        session = getattr(request, "session", None)
        return session is not None and (session.modified or settings.SESSION_SAVE_EVERY_REQUEST)


class Common(OnEventLoop, CommonMiddleware):
    """Trailing slashes, and Content-Length of responses."""


class Csrf(OnEventLoop, CsrfViewMiddleware):
    """CSRF protection, which parses forms in a thread."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            check = self.process_view

            async def process_view(request: HttpRequest, callback: Any, *args: Any) -> Any:
                if request.method in SAFE_METHODS or getattr(callback, "csrf_exempt", False):
                    return check(request, callback, *args)
                return await in_database(check, pool=_readers)(request, callback, *args)

            self.process_view = process_view  # type: ignore[assignment]


class Authentication(OnEventLoop, AuthenticationMiddleware):
    """The user, queried at first access."""


class Messages(OnEventLoop, MessageMiddleware):
    """Messages for the next page."""

    def writes(self, request: HttpRequest) -> bool:
        """Whether messages were added or read."""
        messages = getattr(request, "_messages", None)
        return messages is not None and (messages.used or messages.added_new)


class XFrameOptions(OnEventLoop, XFrameOptionsMiddleware):
    """No frames in pages of other origins."""
