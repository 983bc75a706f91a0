"""Devices that somebody has signed in from: each keeps a signed cookie, which opens nothing.

It only tells `throttle` whose device this is, so that strangers' wrong guesses do not lock out the owner.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SALT = "accounts.sign_in.devices"
REMEMBERED = timedelta(days=365)


def device_of(request: HttpRequest, email: str) -> str:
    """Return what this device is called if `email` has signed in from it, else ""."""
    try:
        owner, device = signing.loads(request.COOKIES.get(_name(), ""), salt=SALT, max_age=REMEMBERED)
    except (signing.BadSignature, TypeError, ValueError):
        return ""
    return str(device) if owner == _digest(email) else ""


def remember_device(response: HttpResponse, email: str) -> None:
    """Note in `response` that `email` has signed in from where it goes to."""
    value = signing.dumps([_digest(email), secrets.token_hex(8)], salt=SALT)
    response.set_cookie(
        _name(), value, max_age=REMEMBERED, httponly=True, samesite="Lax", secure=bool(settings.SESSION_COOKIE_SECURE)
    )


def _name() -> str:
    return f"reading_room_device_{settings.PORT}"


def _digest(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()
