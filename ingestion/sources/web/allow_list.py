"""The hosts from which web pages may be fetched: none until an administrator sets FETCH_ALLOW.

A name is resolved once, all its addresses are checked, and the connection goes to a checked
address, so that DNS rebinding has no effect. Only `network` connects.
"""

import ipaddress
import socket
from dataclasses import dataclass

from django.conf import settings

from config.env import PUBLIC_NETWORKS
from ingestion.errors.fetching import ADDRESS_REFUSED, FETCHING_IS_OFF, UNREACHABLE, FetchFailed

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Global addresses in Python, but tunnels to other addresses or reserved for documentation.
TUNNELS = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2002::/16",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
]
UNICAST = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class CheckedAddress:
    """An address to which a connection is allowed."""

    address: str
    port: int


def is_on() -> bool:
    """Whether fetching is enabled."""
    return bool(settings.FETCH_ALLOW)


def require_on() -> None:
    """Raise `FetchFailed` if fetching is disabled."""
    if not is_on():
        raise FetchFailed(FETCHING_IS_OFF)


def checked(host: str, port: int) -> list[CheckedAddress]:
    """Resolve `host` and return its addresses; raises `FetchFailed` if any is not allowed."""
    require_on()
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise FetchFailed(UNREACHABLE, host=host) from exc
    # The interface of a link-local address follows a %.
    texts = dict.fromkeys(str(address[0]).partition("%")[0] for *_kind, address in resolved)
    found = [ipaddress.ip_address(text) for text in texts]
    if not found or not all(map(is_allowed, found)):
        raise FetchFailed(ADDRESS_REFUSED, host=host)
    return [CheckedAddress(str(address), port) for address in found]


def is_allowed(address: Address) -> bool:
    """Whether pages may be fetched from `address`."""
    address = getattr(address, "ipv4_mapped", None) or address
    if any(
        address in ipaddress.ip_network(word)
        for word in settings.FETCH_ALLOW
        if word != PUBLIC_NETWORKS
    ):
        return True
    return (
        PUBLIC_NETWORKS in settings.FETCH_ALLOW
        and is_public(address)
        and str(address) not in _own_addresses()
    )


def _own_addresses() -> set[str]:
    """Return the addresses of this machine; public ones may serve programs behind a firewall."""
    import psutil

    return {
        one.address.partition("%")[0] for found in psutil.net_if_addrs().values() for one in found
    }


def is_public(address: Address) -> bool:
    """Whether `address` is a public unicast address, and no tunnel."""
    if isinstance(address, ipaddress.IPv6Address) and address not in UNICAST:
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in TUNNELS)


def require_allowed_behind_proxy(host: str, port: int) -> None:
    """Raise `FetchFailed` for a host that is not allowed, before a proxy resolves the name.

    A name that only the proxy can resolve counts as public.
    """
    try:
        checked(host, port)
    except FetchFailed as exc:
        if exc.code != UNREACHABLE or PUBLIC_NETWORKS not in settings.FETCH_ALLOW:
            raise FetchFailed(ADDRESS_REFUSED, host=host) from exc
