"""URLs of web pages: normal form, and names of documents made from them.

Pure functions; `sources.web.allow_list` decides whether a URL may be fetched.
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
    """Return the normal form of the URL `raw`; raises `FetchFailed` unless it is an HTTP URL."""
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
    """Return the name of a page's document until its title is known."""
    import httpx2

    parts = urlsplit(url)
    machine = httpx2.URL(url).host + (f":{parts.port}" if parts.port else "")
    query = f"?{unquote(parts.query)}" if parts.query else ""
    return clean_path(f"{machine}/{unquote(parts.path).strip('/')}{query}")


def file_name(url: str, media_type: str) -> str:
    """Return a file name for the page, whose suffix helps to detect the media type."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    known = mimetypes.guess_type(name)[0]
    if media_type in {"", "application/octet-stream", "text/plain"} or known == media_type:
        return name
    return name + (mimetypes.guess_extension(media_type) or "")
