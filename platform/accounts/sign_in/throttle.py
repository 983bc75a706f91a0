"""Slowing down those who guess passwords: failures are counted per e-mail and client address, and more widely.

The client address is an IPv4 address, or the /64 of an IPv6 one, since a guesser may use all addresses of a /64.

Nobody may lock out somebody else by guessing wrong: few failures close the way for one e-mail from one address alone,
the ceiling over all addresses is far above what a person mistypes, and a device that its owner has signed in from
before (see `devices`) is counted by itself.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.cache import cache

from accounts.exceptions import AccountRefusal, TooManyAttempts
from embedded.ip_addresses import client_of

ADDRESS_SHARE = 10  # A whole office behind one address may err more often than one person at one desk.
EMAIL_SHARE = 50  # Reached only by many addresses together; it leaves a guesser some 50,000 tries a day.


def check(email: str, address: str, *, device: str = "") -> None:
    """Raise `TooManyAttempts` if there have been too many failures; "" for `email` counts the address alone."""
    if any(cache.get(key, 0) >= limit for key, limit in _counters(email, address, device)):
        raise TooManyAttempts(settings.SIGN_IN_WINDOW // 60)


@contextmanager
def attempt(email: str, address: str, *, device: str = "") -> Iterator[None]:
    """Count an attempt before the block judges it, so that of many at once no more are judged than may fail.

    Raises `TooManyAttempts` instead of running the block. An attempt that the block refuses stays counted; any other is
    taken back, and a right one forgets the failures of this e-mail from this address, or of this device.
    """
    counted = _count_all(_counters(email, address, device))
    try:
        yield
    except AccountRefusal:
        raise
    except BaseException:
        _take_back(counted)
        raise
    _take_back(counted)
    if email:
        cache.delete(counted[0])


def _count_all(counters: list[tuple[str, int]]) -> list[str]:
    counted: list[str] = []
    for key, limit in counters:
        counted.append(key)
        if _count(key) > limit:
            _take_back(counted)
            raise TooManyAttempts(settings.SIGN_IN_WINDOW // 60)
    return counted


def _count(key: str) -> int:
    cache.add(key, 0, settings.SIGN_IN_WINDOW)
    try:
        return cache.incr(key)
    except ValueError:  # Its time ended this very moment.
        cache.add(key, 1, settings.SIGN_IN_WINDOW)
        return 1


def _take_back(keys: list[str]) -> None:
    for key in keys:
        with suppress(ValueError):  # Its time has ended.
            cache.decr(key)


def _counters(email: str, address: str, device: str) -> list[tuple[str, int]]:
    attempts = settings.SIGN_IN_ATTEMPTS
    known = _key("device", device)
    if device and cache.get(known, 0) < attempts:
        return [(known, attempts)]  # Once it has guessed too often it is a stranger like any other.
    client = client_of(address)
    whole_address = (_key("address", client), attempts * ADDRESS_SHARE)
    name = email.strip().lower()
    if not name:
        return [whole_address]
    here, anywhere = _key("pair", f"{name} {client}"), _key("email", name)
    return [(here, attempts), whole_address, (anywhere, attempts * EMAIL_SHARE)]


def _key(kind: str, what: str) -> str:
    return f"sign-in-{kind}-{hashlib.sha256(what.encode()).hexdigest()}"
