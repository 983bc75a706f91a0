"""Where a request comes from, as far as we can know."""

import psutil
from django.http import HttpRequest

from embedded import ip_addresses


def address_of(request: HttpRequest) -> str:
    """Return the network address of the caller, as the connection tells it."""
    return str(request.META.get("REMOTE_ADDR") or "")


def is_loopback(request: HttpRequest) -> bool:
    """Whether the caller sits on this machine and asked for it by a loopback name.

    The name counts too: a foreign page could make a browser on this machine call us by a name of its own.
    """
    host = request.get_host().rsplit(":", 1)[0]
    return ip_addresses.is_loopback(address_of(request)) and host in {"localhost", "127.0.0.1", "[::1]"}


def is_sent_by_a_server(request: HttpRequest) -> bool:
    """Whether the program on the other end of a loopback connection may be a proxy that others can reach.

    It may be if it listens on an address that is not loopback, or belongs to a user whose programs we may not look
    into. Where the system tells nothing of connections (macOS), or this one is not among them, the answer is no.
    """
    end = (address_of(request), int(request.META.get("REMOTE_PORT") or 0))
    try:
        connections = psutil.net_connections("tcp")
        found = [connection for connection in connections if tuple(connection.laddr) == end]
        if not found:
            return False
        processes = [psutil.Process(connection.pid) for connection in found if connection.pid]
        listening = [
            own.laddr.ip
            for process in processes
            for own in process.net_connections("tcp")
            if own.status == psutil.CONN_LISTEN
        ]
    except psutil.AccessDenied:
        return False
    except psutil.NoSuchProcess:
        return True
    return not processes or not all(map(ip_addresses.is_loopback, listening))
