"""Encryption of the API keys of connections, with a key in DATA_DIR, outside of the database.

A copy of the database alone reveals no API key. If the file is lost, administrators enter the API
keys again.
"""

from django.conf import settings

from embedded.data_dir.private_files import create_once
from web.encryption import decrypt, encrypt, new_key

KEY_FILE = "connections-key"


def seal(secret: str) -> bytes:
    """Return `secret` encrypted; raises `OSError` if the key file cannot be created or read."""
    return encrypt(secret, create_once(settings.DATA_DIR / KEY_FILE, new_key()))


def unseal(sealed: bytes | memoryview) -> str | None:
    """Return the secret; None if its key file is lost or was replaced."""
    try:
        return decrypt(sealed, (settings.DATA_DIR / KEY_FILE).read_bytes())
    except OSError:
        return None
