"""The host names and origins that this server accepts."""

import socket
from itertools import chain
from urllib.parse import urlsplit

import psutil

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def allowed(public_url: str, host: str) -> list[str]:
    """Return the accepted names: loopback, and the host of PUBLIC_URL or this machine's names.

    DNS is not queried, because a name server may be absent or untrusted.
    """
    if public_url:
        return [*LOOPBACK_HOSTS, urlsplit(public_url).hostname or ""]
    names = [*LOOPBACK_HOSTS, socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"]
    if host not in {"127.0.0.1", "::1", "localhost"}:
        for address in chain.from_iterable(psutil.net_if_addrs().values()):
            if address.family == socket.AF_INET6:
                names.append(f"[{address.address.partition('%')[0]}]")
            elif address.family == socket.AF_INET:
                names.append(address.address)
    return names


def origins(public_url: str) -> list[str]:
    """Return the origin of PUBLIC_URL, from which forms may be posted."""
    if not public_url:
        return []
    parts = urlsplit(public_url)
    return [f"{parts.scheme}://{parts.netloc}"]
