"""Limits of failed sign-ins: per e-mail and client address, per address, and per e-mail.

A client address is an IPv4 address or an IPv6 /64, since a guesser may use all addresses of a /64.

Wrong guesses must not lock out the account's owner: the low limit applies to one e-mail from one
address, the limit of an e-mail over all addresses is far higher, and a known device (see `devices`)
has its own counter.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.cache import cache

from accounts.exceptions import AccountRefusal, TooManyAttempts
from embedded.ip_addresses import client_of

# An office behind one address has many users.
ADDRESS_FACTOR = 10
# Reached only from many addresses; it leaves a guesser some 50,000 attempts a day.
EMAIL_FACTOR = 50


def check(email: str, address: str, *, device: str = "") -> None:
    """Raise `TooManyAttempts` after too many failures; without `email`, of the address alone."""
    if any(cache.get(key, 0) >= limit for key, limit in _counters(email, address, device)):
        raise TooManyAttempts(settings.SIGN_IN_WINDOW // 60)


@contextmanager
def attempt(email: str, address: str, *, device: str = "") -> Iterator[None]:
    """Count an attempt before the block judges it.

    Concurrent attempts therefore cannot exceed the limit.

    Raises `TooManyAttempts` instead of running the block. An attempt that the block refuses stays
    counted; any other is uncounted, and success resets the counter of this e-mail from this
    address, or of this device.
    """
    counted: list[str] = []
    for key, limit in _counters(email, address, device):
        counted.append(key)
        if _increment(key) > limit:
            _take_back(counted)
            raise TooManyAttempts(settings.SIGN_IN_WINDOW // 60)
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


def _increment(key: str) -> int:
    cache.add(key, 0, settings.SIGN_IN_WINDOW)
    try:
        return cache.incr(key)
    except ValueError:  # The counter has just expired.
        cache.add(key, 1, settings.SIGN_IN_WINDOW)
        return 1


def _take_back(keys: list[str]) -> None:
    for key in keys:
        with suppress(ValueError):  # The counter has expired.
            cache.decr(key)


def _counters(email: str, address: str, device: str) -> list[tuple[str, int]]:
    attempts = settings.SIGN_IN_ATTEMPTS
    known = _key("device", device)
    if device and cache.get(known, 0) < attempts:
        return [(known, attempts)]  # A known device with too many failures counts as unknown.
    client = client_of(address)
    whole_address = (_key("address", client), attempts * ADDRESS_FACTOR)
    name = email.strip().lower()
    if not name:
        return [whole_address]
    here, anywhere = _key("pair", f"{name} {client}"), _key("email", name)
    return [(here, attempts), whole_address, (anywhere, attempts * EMAIL_FACTOR)]


def _key(kind: str, counted: str) -> str:
    return f"sign-in-{kind}-{hashlib.sha256(counted.encode()).hexdigest()}"
