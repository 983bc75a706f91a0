"""Set-up: the code that allows to create the first administrator.

A request from this machine without a proxy needs no code. All others need the code that the
terminal shows. Headers alone prove no origin: a proxy may add none, and pass on forged ones.
"""

import secrets

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.sign_in.addresses import is_loopback, is_sent_by_a_server
from embedded.data_dir.private_files import create_once

SETUP_CODE_FILE = "setup-code"
PROXY_HEADERS = {
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "upgrade",
}
PROXY_HEADER_PREFIXES = ("x-forwarded", "x-original-", "x-envoy-", "cf-", "tailscale-")


def setup_code() -> str:
    """Return the code, which is created at first use and kept in DATA_DIR."""
    code = "-".join(secrets.token_hex(2) for _part in range(3))
    return create_once(settings.DATA_DIR / SETUP_CODE_FILE, code.encode()).decode("ascii")


def forget_setup_code() -> None:
    """Remove the code after its use."""
    (settings.DATA_DIR / SETUP_CODE_FILE).unlink(missing_ok=True)


def needs_code(request: HttpRequest) -> bool:
    """Whether the visitor needs the code: all but those on this machine without a proxy."""
    behind_a_proxy = bool(settings.PUBLIC_URL or settings.TRUSTED_PROXIES) or _looks_forwarded(
        request
    )
    return behind_a_proxy or not is_loopback(request) or is_sent_by_a_server(request)


def _looks_forwarded(request: HttpRequest) -> bool:
    """Whether the request has headers of a proxy, or a version of HTTP that browsers do not use.

    By default nginx uses HTTP/1.0 and adds no headers; configured for WebSockets it adds
    `Connection: upgrade`.
    """
    names = {name.lower() for name in request.headers}
    upgrades = "upgrade" in request.headers.get("Connection", "").lower()
    scope = getattr(request, "scope", None)
    version = (
        scope["http_version"] if scope else request.META["SERVER_PROTOCOL"].removeprefix("HTTP/")
    )
    named = names & PROXY_HEADERS or any(name.startswith(PROXY_HEADER_PREFIXES) for name in names)
    return bool(named) or upgrades or version in {"0.9", "1.0"}


def code_is_right(typed: str) -> bool:
    """Whether `typed` is the code, ignoring case and surrounding spaces."""
    return constant_time_compare(typed.strip().lower(), setup_code())
