"""Which language to speak with somebody: the one they chose on a page before signing in, else their browser's.

What a person has chosen for their account stands above both; see `middleware.pages`, which knows who asks.
"""

from typing import Any

from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils import translation


def language_of(scope: dict[str, Any]) -> str:
    """Return the language of an ASGI connection, of which nobody knows yet who is on its other side."""
    headers = dict(scope["headers"])
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get(b"accept-language", b"").decode("latin-1")
    request.COOKIES = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    return translation.get_language_from_request(request)
