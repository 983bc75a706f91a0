"""Setting up: who may make the first administrator.

Whoever reaches the set-up page by loopback sits at the machine. Anybody else must type a code that the terminal shows.
"""

import contextlib
import os
import secrets

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.addresses import is_loopback

CODE_FILE = "setup-code"
SAID_BY_PROXIES = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


def setup_code() -> str:
    """Return the code, made at first need and kept in DATA_DIR."""
    path = settings.DATA_DIR / CODE_FILE
    with contextlib.suppress(FileNotFoundError):
        return str(path.read_text(encoding="ascii"))
    code = "-".join(secrets.token_hex(2) for _part in range(3))
    with open(path, "w", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(code)
    return code


def forget_setup_code() -> None:
    """Remove the code once it has served."""
    (settings.DATA_DIR / CODE_FILE).unlink(missing_ok=True)


def needs_code(request: HttpRequest) -> bool:
    """Whether this visitor must show the code: all but those on this machine, and nobody is that behind a proxy."""
    behind_a_proxy = bool(settings.PUBLIC_URL) or any(name in request.headers for name in SAID_BY_PROXIES)
    return behind_a_proxy or not is_loopback(request)


def code_is_right(typed: str) -> bool:
    """Whether `typed` is the code, spaces and case aside."""
    return constant_time_compare(typed.strip().lower(), setup_code())
