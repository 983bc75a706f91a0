"""Whether a request that has only just begun comes from somebody we know: asked before a large body is taken in."""

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
    """Return whether the request of `scope` shows a good token or a session of somebody who is signed in."""
    headers = dict(scope["headers"])
    raw = bearer(headers.get(b"authorization", b"").decode("latin-1"))
    if raw is not None:
        return await in_database(user_for_token)(raw) is not None
    key = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    return bool(key) and (await in_database(user_for_session)(str(key))).is_authenticated


def user_for_session(key: str) -> User | AnonymousUser:
    """Return whose session this is, as Django's own middleware would, password changes considered."""
    request = HttpRequest()
    request.session = SessionStore(key)
    return get_user(request)
