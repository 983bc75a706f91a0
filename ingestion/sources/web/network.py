"""The network under a fetch: connects to checked addresses alone, and ends with its deadline however slowly bytes drip.

HTTP itself is `httpcore2`'s, which is imported with this and takes 16 MB, so callers import this
late. Which addresses may be reached is said in `allow_list`.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import httpcore2

from ingestion.errors.fetching import UNREACHABLE, FetchFailed
from ingestion.sources.web.allow_list import CheckedAddress, checked
from ingestion.sources.web.deadlines import Deadline

if TYPE_CHECKING:
    import ssl

CONNECT_SECONDS = 10.0


class Stream(httpcore2.NetworkStream):
    """A connection on which nothing waits longer than the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has come, at most so much."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send."""
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: "ssl.SSLContext",
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Encrypt; the certificate has to be that of the name, not of the address."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection beneath says."""
        return self._stream.get_extra_info(info)


class CheckedNetwork(httpcore2.NetworkBackend):
    """Connects to names only after each of their addresses has been checked, and to nothing else.

    A configured proxy is connected to without checks; it looks names up itself.
    """

    def __init__(self, deadline: Deadline, proxy: tuple[str, int] | None = None) -> None:
        self._deadline = deadline
        self._proxy = proxy
        self._network = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Return a connection; raises `FetchFailed`."""
        targets = (
            [CheckedAddress(host, port)] if (host, port) == self._proxy else checked(host, port)
        )
        for target in targets:
            seconds = min(CONNECT_SECONDS, self._deadline.left())
            try:
                return Stream(
                    self._network.connect_tcp(target.address, target.port, seconds), self._deadline
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        raise FetchFailed(UNREACHABLE, host=host)
