"""Password hashing, with a bounded number of concurrent hashes and no database connection held.

Sign-in, set-up and changes of passwords all use this hasher. Client addresses take turns, so that a
flood of guesses from one address delays others by single hashes only.
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

admission: Final = Admission(
    settings.PASSWORD_HASHES_AT_ONCE, settings.SIGN_INS_WAITING, TooManySignIns
)
_thread: Final = local()


@contextmanager
def hashing_slot(address: str = "") -> Iterator[None]:
    """Hold a slot for hashing, once per thread; raises `TooManySignIns`."""
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
    """Django's hasher within `hashing_slot`; its hashes are the same."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Wait for a slot and hash."""
        with hashing_slot():
            release_connection()
            return super().encode(password, salt, iterations)
