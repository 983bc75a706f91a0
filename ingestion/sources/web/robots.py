"""The rules of a site in its robots.txt. Pure functions; `fetch` fetches the file."""

from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

MAX_ROBOTS_BYTES = 500 * 1024  # The minimum that RFC 9309 requires crawlers to read.


class Rules:
    """The rules of one site."""

    def __init__(self, text: bytes) -> None:
        self._parser = RobotFileParser()
        self._parser.parse(text.decode("utf-8", errors="replace").lstrip("\ufeff").splitlines())

    def allow(self, agent: str, url: str) -> bool:
        """Whether `agent` may fetch `url`."""
        return self._parser.can_fetch(agent, url)


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`, for which one robots.txt is valid."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
