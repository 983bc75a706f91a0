"""Closes the way out for every Python process of a stack and notes who tried: put this folder on its PYTHONPATH."""

import os
import socket
import sys

INSIDE = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None}
_connect, _getaddrinfo, _sendto = socket.socket.connect, socket.getaddrinfo, socket.socket.sendto


def inside(address: object) -> bool:
    host = address[0] if isinstance(address, tuple) else None
    return host in INSIDE or host == socket.gethostname()


def refuse(what: object) -> None:
    with open(os.environ["TRIED_TO_LEAVE"], "a", encoding="utf-8") as log:
        log.write(f"{what} {' '.join(sys.orig_argv)}\n")
    raise OSError(f"the way to {what} is closed")


def connect(self: socket.socket, address: object) -> None:
    if self.family in {socket.AF_INET, socket.AF_INET6} and not inside(address):
        refuse(address)
    _connect(self, address)


def sendto(self: socket.socket, data: bytes, *rest: object) -> int:
    if self.family in {socket.AF_INET, socket.AF_INET6} and not inside(rest[-1]):
        refuse(rest[-1])
    return _sendto(self, data, *rest)


def getaddrinfo(host: object, *rest: object, **more: object) -> object:
    if not inside((host,)):
        refuse(host)
    return _getaddrinfo(host, *rest, **more)


socket.socket.connect, socket.socket.sendto, socket.getaddrinfo = connect, sendto, getaddrinfo
