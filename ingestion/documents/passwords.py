"""Passwords of protected documents, passed from the request to the worker that opens the file.

A password is stored encrypted, expires after PASSWORD_SECONDS, and is deleted when a
worker takes it.
"""

from web.encryption import decrypt, derived_key, encrypt

PASSWORD_SECONDS = 60 * 60
_PURPOSE = "password of a document"


def seal(password: str) -> bytes:
    """Return `password` encrypted."""
    return encrypt(password, derived_key(_PURPOSE))


def unseal(sealed: bytes | memoryview | None) -> str | None:
    """Return the password in `sealed`; None if there is none or it has expired."""
    return (
        decrypt(sealed, derived_key(_PURPOSE), max_age_seconds=PASSWORD_SECONDS) if sealed else None
    )
