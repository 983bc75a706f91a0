"""Devices from which a user has signed in, known by a signed cookie, which grants no access.

`throttle` counts them separately, so that wrong guesses of strangers do not lock out the account's
owner.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE_SALT = "accounts.sign_in.devices"
MAX_COOKIE_AGE = timedelta(days=365)


def device_of(request: HttpRequest, email: str) -> str:
    """Return the id of this device if `email` has signed in from it, else ""."""
    try:
        owner, device = signing.loads(
            request.COOKIES.get(_name(), ""), salt=COOKIE_SALT, max_age=MAX_COOKIE_AGE
        )
    except (signing.BadSignature, TypeError, ValueError):
        return ""
    return str(device) if owner == _digest(email) else ""


def remember_device(response: HttpResponse, email: str) -> None:
    """Set the cookie of this device for `email`."""
    value = signing.dumps([_digest(email), secrets.token_hex(8)], salt=COOKIE_SALT)
    response.set_cookie(
        _name(),
        value,
        max_age=MAX_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )


def _name() -> str:
    return f"reading_room_device_{settings.PORT}"


def _digest(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()
