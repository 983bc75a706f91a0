"""Fetches one web page: over checked connections, redirect by redirect, as robots.txt allows, in bounded time and size.

Nothing is trusted: not the name, not where it leads, not what comes. No cookie, no password, no page of ours is sent.
Only workers call this; what becomes of the bytes is decided by `materialize`.
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

AGENT = "reading-room"
MOST_REDIRECTS = 5
BLOCK = 64 * 1024
REDIRECTED = {301, 302, 303, 307, 308}
NOT_THERE = {404, 410}
BUSY_STATUSES = {408, 425, 429, *range(500, 600)}
ACCEPT = "text/html,application/xhtml+xml,application/pdf,*/*;q=0.8"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a page since it was last fetched, for a server to say that nothing has changed."""

    url: str = ""
    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The conditions to send along."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    """A page that has come; `received` is None where the server says that nothing has changed."""

    received: blobs.Received | None
    seen: Seen
    media_type: str = ""


def fetch(url: str, seen: Seen | None = None, *, tick: Callable[[], None] = lambda: None) -> Page:
    """Fetch `url`; raises `FetchFailed`, `TooLarge` or `DiskFull`. `tick` is called for every block, and may raise."""
    allow_list.require_on()
    return Visit(url, tick).page(seen or Seen())


class Visit:
    """The few requests that one fetch takes, and the time that they have together."""

    def __init__(self, url: str, tick: Callable[[], None] = lambda: None) -> None:
        self._first = url
        self._tick = tick
        self._deadline = Deadline(settings.FETCH_SECONDS, host_of(url))
        self._robots: dict[str, robots.Rules] = {}

    def page(self, seen: Seen) -> Page:
        """Return the page, or that it has not changed since it was `seen`."""
        with self._followed(self._first, partial(self._asking, seen)) as (url, response):
            if response.status == 304 and url == seen.url:
                return Page(None, seen)
            _require_success(url, response)
            return self._taken(url, response)

    def _asking(self, seen: Seen, url: str) -> dict[str, str]:
        self._require_welcome(url)
        return {"Accept": ACCEPT, **(seen.headers if url == seen.url else {})}

    @contextmanager
    def _followed(
        self, url: str, asking: Callable[[str], dict[str, str]]
    ) -> "Iterator[tuple[str, httpcore2.Response]]":
        """Yield the answer at the end of all redirects, and its address; `asking` says what to send to each."""
        for _number in range(1 + MOST_REDIRECTS):
            with self._get(url, asking(url)) as response:
                target = _redirect(url, response)
                if not target:
                    yield url, response
                    return
            url = target
        raise FetchFailed(REDIRECTS, host=host_of(url))

    def _taken(self, url: str, response: "httpcore2.Response") -> Page:
        if int(_header(response, "content-length").strip() or 0) > settings.MAX_DOCUMENT_BYTES:
            raise TooLarge
        received = blobs.receive(self._blocks(url, response))
        seen = Seen(url, _sendable(response, "etag", 200), _sendable(response, "last-modified", 100))
        return Page(received, seen, _header(response, "content-type").partition(";")[0].strip().lower())

    def _blocks(self, url: str, response: "httpcore2.Response") -> Iterator[bytes]:
        with _told(url, self._deadline):
            for block in _unpacked(url, response):
                self._tick()
                self._deadline.left()
                yield block

    def _require_welcome(self, url: str) -> None:
        origin = robots.origin_of(url)
        if origin not in self._robots:
            self._robots[origin] = robots.Rules(self._robots_text(origin))
        if not self._robots[origin].allow(AGENT, url):
            raise FetchFailed(ROBOTS, host=host_of(url))

    def _robots_text(self, origin: str) -> bytes:
        """Return what robots.txt says; nothing where there is none, as its standard has it."""
        with self._followed(f"{origin}/robots.txt", lambda _url: {"Accept": "text/plain"}) as (url, response):
            if response.status in BUSY_STATUSES:
                raise FetchFailed(BUSY, host=host_of(url), status=response.status)
            return self._beginning(url, response) if response.status == 200 else b""

    def _beginning(self, url: str, response: "httpcore2.Response") -> bytes:
        text = b""
        for block in self._blocks(url, response):
            text += block
            if len(text) >= robots.MOST_BYTES:
                break
        return text[: robots.MOST_BYTES]

    @contextmanager
    def _get(self, url: str, headers: dict[str, str]) -> "Iterator[httpcore2.Response]":
        import httpcore2

        from ingestion.sources.web.network import CheckedNetwork

        proxy = _proxy()
        if proxy is not None:
            allow_list.require_allowed_behind_proxy(host_of(url), port_of(url))
        network = CheckedNetwork(self._deadline, _where(proxy))
        sent = [("User-Agent", AGENT), ("Accept-Encoding", "gzip, identity;q=0.5"), *headers.items()]
        with (
            _told(url, self._deadline),
            httpcore2.ConnectionPool(_trusted(), proxy, network_backend=network, max_keepalive_connections=0) as pool,
            pool.stream("GET", url, headers=sent) as response,
        ):
            yield response


@contextmanager
def _told(url: str, deadline: Deadline) -> Iterator[None]:
    """Turn what the wire says into what is told to people."""
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


def _redirect(url: str, response: "httpcore2.Response") -> str:
    """Return where the answer leads on to, "" where it is the end; raises `FetchFailed` for what is no address."""
    if response.status not in REDIRECTED:
        return ""
    return normal_url(urljoin(url, _header(response, "location")))


def _require_success(url: str, response: "httpcore2.Response") -> None:
    if response.status == 200:
        return
    code = GONE if response.status in NOT_THERE else BUSY if response.status in BUSY_STATUSES else STATUS
    raise FetchFailed(code, host=host_of(url), status=response.status)


def _unpacked(url: str, response: "httpcore2.Response") -> Iterator[bytes]:
    """Yield the body block by block; what is packed is never unpacked by more than a block at once."""
    packing = _header(response, "content-encoding").strip().lower()
    if packing in {"", "identity"}:
        yield from response.iter_stream()
        return
    if packing not in {"gzip", "x-gzip"}:
        raise FetchFailed(GARBLED, host=host_of(url))
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    for packed in response.iter_stream():
        is_more = True
        while is_more:  # It may hold back what it has unpacked, after it has taken all that was packed.
            block = unpacker.decompress(packed, BLOCK)
            packed = unpacker.unconsumed_tail
            is_more = bool(packed) or len(block) == BLOCK
            yield block
    if not unpacker.eof:
        raise FetchFailed(GARBLED, host=host_of(url))


def _header(response: "httpcore2.Response", name: str) -> str:
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == wanted), "")


@cache
def _trusted() -> "ssl.SSLContext":
    """Return whose certificates are believed: the system's, or SSL_CERT_FILE and SSL_CERT_DIR."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=True)


def _sendable(response: "httpcore2.Response", name: str, most: int) -> str:
    """Return a header that can be sent back as it is, "" where it cannot."""
    value = _header(response, name)
    return value if value.isascii() and value.isprintable() and len(value) <= most else ""


def _proxy() -> "httpcore2.Proxy | None":
    import httpcore2

    if not settings.FETCH_PROXY:
        return None
    parts = urlsplit(settings.FETCH_PROXY)
    auth = (unquote(parts.username or ""), unquote(parts.password or "")) if parts.username else None
    return httpcore2.Proxy(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), auth=auth)


def _where(proxy: "httpcore2.Proxy | None") -> tuple[str, int] | None:
    if proxy is None:
        return None
    origin: Any = proxy.url.origin
    return origin.host.decode("ascii"), origin.port


def host_of(url: str) -> str:
    """Return the machine's name in `url`."""
    return urlsplit(url).hostname or ""


def port_of(url: str) -> int:
    """Return the port in `url`, said or not."""
    parts: SplitResult = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
