"""Checks the credentials of a request before its large body is read."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from accounts.api.authentication import bearer, user_for_token
from accounts.models import User
from accounts.sign_in.sessions import SessionStore
from web.database import in_database


async def is_known(scope: dict[str, Any]) -> bool:
    """Return whether the request of `scope` has a valid token or session."""
    headers = dict(scope["headers"])
    raw = bearer(headers.get(b"authorization", b"").decode("latin-1"))
    if raw is not None:
        return await in_database(user_for_token)(raw) is not None
    key = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(
        settings.SESSION_COOKIE_NAME
    )
    return bool(key) and (await in_database(user_for_session)(str(key))).is_authenticated


def user_for_session(key: str) -> User | AnonymousUser:
    """Return the user of a session, which ends with a change of the password.

    The checks are those of Django's middleware.
    """
    request = HttpRequest()
    request.session = SessionStore(key)
    return get_user(request)
