"""IP addresses of clients: whether one is loopback, and the block of addresses that one client is counted by.

What is counted, and up to which limit, is decided by the callers.
"""

import ipaddress
from functools import lru_cache
from typing import Final

# The smallest network that is given to a household or a server (RFC 6177): its owner may use any address in it.
IPV6_CLIENT_PREFIX: Final = 64


def ip_address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that `host` spells, IPv4 where it is mapped into IPv6; None for a Unix socket or a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(host: str) -> bool:
    """Whether `host` is an address of this machine that no other machine can reach."""
    address = ip_address_of(host)
    return address is not None and address.is_loopback


@lru_cache(maxsize=4096)  # Bounded: one client may connect from any number of IPv6 addresses.
def client_of(host: str) -> str:
    """Return the client that `host` is counted as: its IPv4 address, or the /64 of its IPv6 one."""
    address = ip_address_of(host)
    if address is None or address.version == 4:
        return str(address or host)
    return str(ipaddress.ip_network((address, IPV6_CLIENT_PREFIX), strict=False))
