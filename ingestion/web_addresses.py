"""Addresses of web pages: which ones are any, written in one way, and what a document made of one is called.

Pure functions; whether an address may be reached is decided by `sources.web.allow_list`.
"""

import mimetypes
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ingestion.errors.fetching import ADDRESS_INVALID, FetchFailed
from ingestion.file_names import clean_path

MAX_URL_CHARACTERS = 2000
DEFAULT_PORTS = {"http": 80, "https": 443}
LAST_PORT = 65535
FIRST_UNPRIVILEGED_PORT = 1024  # Lower ports other than 80 and 443 belong to other services.


def normal_url(raw: str) -> str:
    """Return `raw` in the one way in which it is kept and fetched; raises `FetchFailed` where it is no web page's."""
    import httpx2

    try:
        url = httpx2.URL(raw.strip())
    except (httpx2.InvalidURL, ValueError, TypeError) as exc:
        raise FetchFailed(ADDRESS_INVALID) from exc
    known = url.scheme in DEFAULT_PORTS and url.raw_host and not url.userinfo
    if not known or not _is_port_of_the_web(url.port) or len(str(url)) > MAX_URL_CHARACTERS:
        raise FetchFailed(ADDRESS_INVALID)
    port = None if url.port == DEFAULT_PORTS[url.scheme] else url.port
    url = url.copy_with(fragment=None, port=port)
    return str(url if urlsplit(str(url)).path else url.copy_with(path="/"))


def _is_port_of_the_web(port: int | None) -> bool:
    return (
        port is None
        or port in DEFAULT_PORTS.values()
        or FIRST_UNPRIVILEGED_PORT <= port <= LAST_PORT
    )


def name_of(url: str) -> str:
    """Return what the document of a page is called until it is known by its title."""
    import httpx2

    parts = urlsplit(url)
    machine = httpx2.URL(url).host + (f":{parts.port}" if parts.port else "")
    query = f"?{unquote(parts.query)}" if parts.query else ""
    return clean_path(f"{machine}/{unquote(parts.path).strip('/')}{query}")


def file_name(url: str, media_type: str) -> str:
    """Return the name of a file as which the page may be looked at: its kind is told by the bytes, and then by this."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    known = mimetypes.guess_type(name)[0]
    if media_type in {"", "application/octet-stream", "text/plain"} or known == media_type:
        return name
    return name + (mimetypes.guess_extension(media_type) or "")
