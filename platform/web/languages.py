"""The language of a connection: the visitor's cookie, else the browser's languages.

The language of an account takes precedence; `middleware.pages` applies it.
"""

from typing import Any

from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils import translation


def language_of(scope: dict[str, Any]) -> str:
    """Return the language of an ASGI connection before authentication."""
    headers = dict(scope["headers"])
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get(b"accept-language", b"").decode("latin-1")
    request.COOKIES = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    return translation.get_language_from_request(request)
