"""The password of a protected document on its way from a person to the worker that opens it.

It is never stored as it is: sealed with a key that only this server has, for an hour, and wiped when a worker takes it.
"""

import base64
import hashlib

from django.conf import settings

SECONDS = 60 * 60


def seal(password: str) -> bytes:
    """Return `password` encrypted."""
    from cryptography.fernet import Fernet  # Too slow for start-up, and hardly ever needed.

    return Fernet(_key()).encrypt(password.encode(errors="replace"))


def unseal(sealed: bytes | memoryview | None) -> str | None:
    """Return the password in `sealed`, or None if there is none or its hour is over."""
    if not sealed:
        return None
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(_key()).decrypt(bytes(sealed), ttl=SECONDS).decode()
    except InvalidToken:
        return None


def _key() -> bytes:
    digest = hashlib.sha256(b"password of a document:" + settings.SECRET_KEY.encode()).digest()
    return base64.urlsafe_b64encode(digest)
