"""Where a request comes from, as far as we can know."""

import ipaddress

from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the network address of the caller, as the connection tells it."""
    return str(request.META.get("REMOTE_ADDR") or "")


def is_loopback(request: HttpRequest) -> bool:
    """Whether the caller sits on this machine and asked for it by a loopback name.

    The name counts too: a foreign page could make a browser on this machine call us by a name of its own.
    """
    try:
        from_here = ipaddress.ip_address(address_of(request)).is_loopback
    except ValueError:
        return False
    host = request.get_host().rsplit(":", 1)[0]
    return from_here and host in {"localhost", "127.0.0.1", "[::1]"}
