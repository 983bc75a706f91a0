"""Which machines web pages may be fetched from: none at all, until an administrator names some in FETCH_ALLOW.

A name is looked up once, every address it has is checked, and the connection goes to an address that was checked: what
the name means a moment later does not matter. Only `network` connects.
"""

import ipaddress
import socket
from dataclasses import dataclass

from django.conf import settings

from config.env import PUBLIC
from ingestion.errors.fetching import ADDRESS_REFUSED, FETCHING_IS_OFF, UNREACHABLE, FetchFailed

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# What Python calls global, though these lead elsewhere than they say.
TUNNELS = [
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20")
]
UNICAST = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class Checked:
    """An address that may be connected to."""

    address: str
    port: int


def is_on() -> bool:
    """Whether anything may be fetched at all."""
    return bool(settings.FETCH_ALLOW)


def require_on() -> None:
    """Raise `FetchFailed` unless something may be fetched."""
    if not is_on():
        raise FetchFailed(FETCHING_IS_OFF)


def checked(host: str, port: int) -> list[Checked]:
    """Look `host` up and return its addresses; raises `FetchFailed` where even one of them may not be reached."""
    require_on()
    found = [ipaddress.ip_address(text) for text in _looked_up(host, port)]
    if not found or not all(map(is_allowed, found)):
        raise FetchFailed(ADDRESS_REFUSED, host=host)
    return [Checked(str(address), port) for address in found]


def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise FetchFailed(UNREACHABLE, host=host) from exc
    # Behind a % stands the interface of a link-local address.
    return list(dict.fromkeys(str(where[0]).partition("%")[0] for *_kind, where in found))


def is_allowed(address: Address) -> bool:
    """Whether pages may be fetched from `address`."""
    address = getattr(address, "ipv4_mapped", None) or address
    if any(address in ipaddress.ip_network(word) for word in settings.FETCH_ALLOW if word != PUBLIC):
        return True
    return PUBLIC in settings.FETCH_ALLOW and is_public(address) and str(address) not in _our_own()


def _our_own() -> set[str]:
    """Return the addresses of this machine: what listens on a public one of them may be kept from the internet."""
    import psutil

    return {one.address.partition("%")[0] for found in psutil.net_if_addrs().values() for one in found}


def is_public(address: Address) -> bool:
    """Whether `address` belongs to one machine on the internet: none of ours, none of many, none in disguise."""
    if isinstance(address, ipaddress.IPv6Address) and address not in UNICAST:
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in TUNNELS)


def require_allowed_behind_proxy(host: str, port: int) -> None:
    """Raise `FetchFailed` for a machine that may not be asked for, when a proxy is the one that will look it up.

    A name that only the proxy knows counts as one of the internet.
    """
    try:
        checked(host, port)
    except FetchFailed as exc:
        if exc.code != UNREACHABLE or PUBLIC not in settings.FETCH_ALLOW:
            raise FetchFailed(ADDRESS_REFUSED, host=host) from exc
