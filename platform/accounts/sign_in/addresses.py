"""The client's address, and whether the client is this machine."""

import psutil
from django.http import HttpRequest

from embedded import ip_addresses


def address_of(request: HttpRequest) -> str:
    """Return the client address of the connection."""
    return str(request.META.get("REMOTE_ADDR") or "")


def is_loopback(request: HttpRequest) -> bool:
    """Whether the client is on this machine and addressed it by a loopback name.

    The name is checked against DNS rebinding: a foreign page may resolve its own name to this
    machine.
    """
    host = request.get_host().rsplit(":", 1)[0]
    return ip_addresses.is_loopback(address_of(request)) and host in {
        "localhost",
        "127.0.0.1",
        "[::1]",
    }


def is_sent_by_a_server(request: HttpRequest) -> bool:
    """Whether the client of a loopback connection may be a proxy that other machines can reach.

    True if the client listens on another address than loopback, or if its process cannot be
    inspected. False if the system does not list connections (macOS) or does not list this one.
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
