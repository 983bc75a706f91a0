"""Hashing of passwords: slow on purpose, so only a few at once, and without a connection to the database.

Every hash of every way to sign in, set up or change a password passes through the hasher here. Network addresses take
turns, so that a flood of guesses from one makes people elsewhere wait for single hashes only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from accounts.exceptions import TooManySignIns
from embedded.ip_addresses import client_of
from web.admission import Admission
from web.database import release_connection

admission: Final = Admission(settings.PASSWORD_HASHES_AT_ONCE, settings.SIGN_INS_WAITING, TooManySignIns)
_thread: Final = local()


@contextmanager
def hashing_slot(address: str = "") -> Iterator[None]:
    """Hold the right to hash for the block; a thread that has it already goes on. Raises `TooManySignIns`."""
    if getattr(_thread, "holds_slot", False):
        yield
        return
    with admission.slot(client_of(address)):
        _thread.holds_slot = True
        try:
            yield
        finally:
            _thread.holds_slot = False


class BoundedPBKDF2Hasher(PBKDF2PasswordHasher):
    """Django's hasher behind `hashing_slot`; what it writes is the same."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Hash when it is this thread's turn."""
        with hashing_slot():
            release_connection()
            return super().encode(password, salt, iterations)
