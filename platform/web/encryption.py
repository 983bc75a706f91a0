"""Encryption of secrets at rest with Fernet: AES-128-CBC with HMAC-SHA256 and a timestamp."""

import base64
import hashlib

from django.conf import settings

# `cryptography` is imported in the functions: its import is slow, and most processes never encrypt.


def encrypt(text: str, key: bytes) -> bytes:
    """Return `text` encrypted; a character that UTF-8 cannot encode becomes “?”."""
    from cryptography.fernet import Fernet

    return Fernet(key).encrypt(text.encode(errors="replace"))


def decrypt(
    token: bytes | memoryview, key: bytes, *, max_age_seconds: int | None = None
) -> str | None:
    """Return the text of `token`, or None.

    None means that it is too old, was encrypted with another key, or that either is malformed.
    """
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(key).decrypt(bytes(token), ttl=max_age_seconds).decode()
    except (ValueError, InvalidToken):
        return None


def new_key() -> bytes:
    """Return a random key."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key()


def derived_key(purpose: str) -> bytes:
    """Return the key of a purpose, derived from SECRET_KEY."""
    digest = hashlib.sha256(f"{purpose}:{settings.SECRET_KEY}".encode()).digest()
    return base64.urlsafe_b64encode(digest)
