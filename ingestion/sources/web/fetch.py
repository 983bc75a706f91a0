"""Fetches one web page over checked connections, within limits, as robots.txt allows.

Host names, redirects and responses are untrusted: each connection goes to a checked address. No
cookies, credentials or referrers are sent. Only workers call this; `materialize` stores the bytes.
"""

import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from django.conf import settings

from ingestion.errors.fetching import BUSY, GARBLED, GONE, REDIRECTS, ROBOTS, STATUS, FetchFailed
from ingestion.sources.web import allow_list, robots
from ingestion.sources.web.deadlines import Deadline
from ingestion.storage import blobs
from ingestion.storage.blobs import TooLarge
from ingestion.web_addresses import normal_url

if TYPE_CHECKING:
    import ssl

    import httpcore2

logger = logging.getLogger(__name__)

USER_AGENT = "reading-room"
MAX_REDIRECTS = 5
BLOCK_BYTES = 64 * 1024
REDIRECT_STATUSES = {301, 302, 303, 307, 308}
GONE_STATUSES = {404, 410}
BUSY_STATUSES = {408, 425, 429, *range(500, 600)}
ACCEPT = "text/html,application/xhtml+xml,application/pdf,*/*;q=0.8"


@dataclass(frozen=True, slots=True)
class Seen:
    """Validators of the last response, for a conditional request."""

    url: str = ""
    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the conditional request."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A fetched page; `received` is None if it has not changed since."""

    received: blobs.Received | None
    seen: Seen
    media_type: str = ""


def fetch(
    url: str, seen: Seen | None = None, *, tick: Callable[[], None] = lambda: None
) -> FetchedPage:
    """Fetch `url`; raises `FetchFailed`, `TooLarge` or `DiskFull`.

    `tick` is called for every block, and may raise to cancel the fetch.
    """
    allow_list.require_on()
    return Visit(url, tick).page(seen or Seen())


class Visit:
    """The requests of one fetch, with redirects and robots.txt, under one deadline."""

    def __init__(self, url: str, tick: Callable[[], None] = lambda: None) -> None:
        self._first = url
        self._tick = tick
        self._deadline = Deadline(settings.FETCH_SECONDS, host_of(url))
        self._robots: dict[str, robots.Rules] = {}

    def page(self, seen: Seen) -> FetchedPage:
        """Return the page, without bytes if it has not changed since `seen`."""
        with self._followed(self._first, partial(self._headers_for, seen)) as (url, response):
            if response.status == 304 and url == seen.url:
                return FetchedPage(None, seen)
            if response.status != 200:
                is_busy = response.status in BUSY_STATUSES
                code = GONE if response.status in GONE_STATUSES else BUSY if is_busy else STATUS
                raise FetchFailed(code, host=host_of(url), status=response.status)
            return self._received(url, response)

    def _headers_for(self, seen: Seen, url: str) -> dict[str, str]:
        self._require_robots_allow(url)
        return {"Accept": ACCEPT, **(seen.headers if url == seen.url else {})}

    @contextmanager
    def _followed(
        self, url: str, asking: Callable[[str], dict[str, str]]
    ) -> "Iterator[tuple[str, httpcore2.Response]]":
        """Follow redirects; yield the last address and response. `asking` gives the headers."""
        for _number in range(1 + MAX_REDIRECTS):
            with self._get(url, asking(url)) as response:
                if response.status not in REDIRECT_STATUSES:
                    yield url, response
                    return
                url = normal_url(urljoin(url, _header(response, "location")))
        raise FetchFailed(REDIRECTS, host=host_of(url))

    def _received(self, url: str, response: "httpcore2.Response") -> FetchedPage:
        if int(_header(response, "content-length").strip() or 0) > settings.MAX_DOCUMENT_BYTES:
            raise TooLarge
        received = blobs.receive(self._blocks(url, response))
        seen = Seen(
            url, _sendable(response, "etag", 200), _sendable(response, "last-modified", 100)
        )
        return FetchedPage(
            received, seen, _header(response, "content-type").partition(";")[0].strip().lower()
        )

    def _blocks(self, url: str, response: "httpcore2.Response") -> Iterator[bytes]:
        with _errors_as_fetch_failed(url, self._deadline):
            for block in _unpacked(url, response):
                self._tick()
                self._deadline.left()
                yield block

    def _require_robots_allow(self, url: str) -> None:
        origin = robots.origin_of(url)
        if origin not in self._robots:
            self._robots[origin] = robots.Rules(self._robots_text(origin))
        if not self._robots[origin].allow(USER_AGENT, url):
            raise FetchFailed(ROBOTS, host=host_of(url))

    def _robots_text(self, origin: str) -> bytes:
        """Return the first bytes of robots.txt; empty if there is none (RFC 9309)."""
        with self._followed(f"{origin}/robots.txt", lambda _url: {"Accept": "text/plain"}) as (
            url,
            response,
        ):
            if response.status in BUSY_STATUSES:
                raise FetchFailed(BUSY, host=host_of(url), status=response.status)
            text = b""
            for block in self._blocks(url, response) if response.status == 200 else ():
                text += block
                if len(text) >= robots.MAX_ROBOTS_BYTES:
                    break
            return text[: robots.MAX_ROBOTS_BYTES]

    @contextmanager
    def _get(self, url: str, headers: dict[str, str]) -> "Iterator[httpcore2.Response]":
        import httpcore2

        from ingestion.sources.web.network import CheckedNetwork

        proxy = _proxy()
        proxy_address: tuple[str, int] | None = None
        if proxy is not None:
            origin: Any = proxy.url.origin
            proxy_address = (origin.host.decode("ascii"), origin.port)
            allow_list.require_allowed_behind_proxy(host_of(url), port_of(url))
        network = CheckedNetwork(self._deadline, proxy_address)
        sent = [
            ("User-Agent", USER_AGENT),
            ("Accept-Encoding", "gzip, identity;q=0.5"),
            *headers.items(),
        ]
        with (
            _errors_as_fetch_failed(url, self._deadline),
            httpcore2.ConnectionPool(
                _tls_context(), proxy, network_backend=network, max_keepalive_connections=0
            ) as pool,
            pool.stream("GET", url, headers=sent) as response,
        ):
            yield response


@contextmanager
def _errors_as_fetch_failed(url: str, deadline: Deadline) -> Iterator[None]:
    """Raise `FetchFailed` for errors of the network and the protocol."""
    import httpcore2

    host = host_of(url)
    try:
        yield
    except httpcore2.TimeoutException as exc:
        raise deadline.missed() from exc
    except (httpcore2.ProxyError, httpcore2.NetworkError) as exc:
        logger.info("%s could not be fetched: %s", host, exc)
        raise FetchFailed("fetch_unreachable", host=host) from exc
    except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol, zlib.error, ValueError) as exc:
        logger.info("%s sent what is no HTTP: %s", host, exc)
        raise FetchFailed(GARBLED, host=host) from exc


def _unpacked(url: str, response: "httpcore2.Response") -> Iterator[bytes]:
    """Yield the body in blocks; gzip is unpacked at most one block at a time."""
    packing = _header(response, "content-encoding").strip().lower()
    if packing in {"", "identity"}:
        yield from response.iter_stream()
        return
    if packing not in {"gzip", "x-gzip"}:
        raise FetchFailed(GARBLED, host=host_of(url))
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    for packed in response.iter_stream():
        is_more = True
        while is_more:  # The decompressor may hold back output after it has consumed all input.
            block = unpacker.decompress(packed, BLOCK_BYTES)
            packed = unpacker.unconsumed_tail
            is_more = bool(packed) or len(block) == BLOCK_BYTES
            yield block
    if not unpacker.eof:
        raise FetchFailed(GARBLED, host=host_of(url))


def _header(response: "httpcore2.Response", name: str) -> str:
    wanted = name.encode()
    return next(
        (value.decode("latin-1") for key, value in response.headers if key.lower() == wanted), ""
    )


@cache
def _tls_context() -> "ssl.SSLContext":
    """Return a context that trusts the system's certificates, or SSL_CERT_FILE and SSL_CERT_DIR."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=True)


def _sendable(response: "httpcore2.Response", name: str, most: int) -> str:
    """Return a header that can be sent back unchanged, else ""."""
    value = _header(response, name)
    return value if value.isascii() and value.isprintable() and len(value) <= most else ""


def _proxy() -> "httpcore2.Proxy | None":
    import httpcore2

    if not settings.FETCH_PROXY:
        return None
    parts = urlsplit(settings.FETCH_PROXY)
    auth = (
        (unquote(parts.username or ""), unquote(parts.password or "")) if parts.username else None
    )
    return httpcore2.Proxy(
        parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), auth=auth
    )


def host_of(url: str) -> str:
    """Return the host name in `url`, or ""."""
    return urlsplit(url).hostname or ""


def port_of(url: str) -> int:
    """Return the port in `url`, or the default of its scheme."""
    parts: SplitResult = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
