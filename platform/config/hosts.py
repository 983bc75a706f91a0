"""Which host names this server answers to."""

import socket
from urllib.parse import urlsplit

import psutil

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


def allowed(public_url: str, host: str) -> list[str]:
    """Return the names people may use: the configured one, or else loopback and what this machine calls itself.

    Nothing is looked up in DNS: a name server is not always there, and not always ours.
    """
    if public_url:
        return [*LOOPBACK, urlsplit(public_url).hostname or ""]
    names = [*LOOPBACK, socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"]
    if host not in {"127.0.0.1", "::1", "localhost"}:
        names += _own_addresses()
    return names


def origins(public_url: str) -> list[str]:
    """Return the origin of the configured address, which a form may be posted from."""
    if not public_url:
        return []
    parts = urlsplit(public_url)
    return [f"{parts.scheme}://{parts.netloc}"]


def _own_addresses() -> list[str]:
    found = [address for addresses in psutil.net_if_addrs().values() for address in addresses]
    return [
        f"[{address.address.partition('%')[0]}]" if address.family == socket.AF_INET6 else address.address
        for address in found
        if address.family in {socket.AF_INET, socket.AF_INET6}
    ]
