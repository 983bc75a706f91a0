"""IP addresses of clients: loopback, and the network that counts as one client.

Callers define the limits.
"""

import ipaddress
from functools import lru_cache
from typing import Final

# The smallest network that is assigned to one site (RFC 6177); its owner may use any address in it.
IPV6_CLIENT_PREFIX: Final = 64


def ip_address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Parse `host`, with IPv4-mapped IPv6 as IPv4; None for a Unix socket or a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(host: str) -> bool:
    """Whether `host` is a loopback address."""
    address = ip_address_of(host)
    return address is not None and address.is_loopback


@lru_cache(maxsize=4096)  # Bounded: one client may connect from any number of IPv6 addresses.
def client_of(host: str) -> str:
    """Return the client of `host`: its IPv4 address, or the /64 network of its IPv6 address."""
    address = ip_address_of(host)
    if address is None or address.version == 4:
        return str(address or host)
    return str(ipaddress.ip_network((address, IPV6_CLIENT_PREFIX), strict=False))
