"""Slowing down those who guess passwords: failures are counted per e-mail address and per network address."""

import hashlib

from django.conf import settings
from django.core.cache import cache

from accounts.exceptions import TooManyAttempts


def check(email: str, address: str) -> None:
    """Raise `TooManyAttempts` if this address, or anybody for this e-mail, has failed too often."""
    if any(cache.get(key, 0) >= limit for key, limit in _counters(email, address)):
        raise TooManyAttempts(settings.SIGN_IN_WINDOW // 60)


def failed(email: str, address: str) -> None:
    """Count one failure."""
    for key, _limit in _counters(email, address):
        cache.add(key, 0, settings.SIGN_IN_WINDOW)
        cache.incr(key)


def succeeded(email: str, address: str) -> None:
    """Forget the failures of this e-mail from this address."""
    (pair, _limit), *_others = _counters(email, address)
    cache.delete(pair)


def _counters(email: str, address: str) -> list[tuple[str, int]]:
    # A few for one person at one desk; a whole office behind one address may err more often.
    name = email.strip().lower()
    return [
        (_key("pair", f"{name} {address}"), settings.SIGN_IN_ATTEMPTS),
        (_key("email", name), settings.SIGN_IN_ATTEMPTS * 5),
        (_key("address", address), settings.SIGN_IN_ATTEMPTS * 10),
    ]


def _key(kind: str, what: str) -> str:
    return f"sign-in-{kind}-{hashlib.sha256(what.encode()).hexdigest()}"
