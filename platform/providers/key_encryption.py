"""The keys of connections on their way into the database and out of it: encrypted with a key that lies in DATA_DIR.

Whoever has the database alone, or a backup of it, cannot read them. Without the key in DATA_DIR nobody can, and they
have to be entered again.
"""

import contextlib
import os
from pathlib import Path

from django.conf import settings

KEY_FILE = "connections-key"


def seal(secret: str) -> bytes:
    """Return `secret` encrypted; raises `OSError` where the key cannot be kept."""
    from cryptography.fernet import Fernet  # Too slow for start-up.

    return Fernet(_kept_key()).encrypt(secret.encode())


def unseal(sealed: bytes | memoryview) -> str | None:
    """Return what was sealed, or None where it was sealed with a key that is not here any more."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(_path().read_bytes()).decrypt(bytes(sealed)).decode()
    except (OSError, ValueError, InvalidToken):
        return None


def _path() -> Path:
    path: Path = settings.DATA_DIR / KEY_FILE
    return path


def _kept_key() -> bytes:
    """Return the key, making it first if need be. Two processes that race agree on one."""
    from cryptography.fernet import Fernet

    path = _path()
    if not path.exists():
        fresh = path.with_name(f".{KEY_FILE}-{os.getpid()}")
        with open(fresh, "wb", opener=_private) as file:
            file.write(Fernet.generate_key())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | os.O_TRUNC, 0o600)
