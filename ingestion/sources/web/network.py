"""The network of a fetch: connects only to checked addresses, and ends at its deadline.

`httpcore2` speaks HTTP. Its import takes 16 MB, so callers import this module late. `allow_list`
decides which addresses may be reached.
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
    """A connection on which no operation waits beyond the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the bytes received, at most `max_bytes`."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`."""
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: "ssl.SSLContext",
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Start TLS; the certificate must match the host name, not the address."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return information from the connection underneath."""
        return self._stream.get_extra_info(info)


class CheckedNetwork(httpcore2.NetworkBackend):
    """Connects only to host names whose addresses have all been checked.

    A configured proxy is not checked; it resolves names itself.
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
        """Connect to `host`; raises `FetchFailed`."""
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
