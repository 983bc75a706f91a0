"""A web site and a share on this machine, for tests of fetching and following."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.watched_share import write

from ingestion.sources.folders.services import connect_folder

Answer = tuple[int, dict[str, str], bytes]
HTML = {"Content-Type": "text/html; charset=utf-8"}
ARTICLE = """<html><head><title>On wings</title>
<meta property="article:published_time" content="2026-03-04T10:00:00Z">
</head><body><nav><a href="/">Home</a> <a href="/shop">Shop</a></nav><main><article><h1>On wings</h1>
<p>Lift is what wings make. {more}</p></article></main>
<footer>Sign up for our newsletter today</footer></body></html>"""
TEXT = (
    "A wing turns air downwards, and is itself pushed up by it, as every action has its equal reaction. "
    * 4
)


@dataclass
class Site:
    """Answers by path, 404 for unknown ones; notes the requests."""

    port: int = 0
    host: str = "127.0.0.1"
    answers: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = field(
        default_factory=dict
    )
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str = "/wings") -> str:
        return f"http://{self.host}:{self.port}{path}"

    def says(self, path: str, body: str | bytes = b"", status: int = 200, **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (
            status,
            {**HTML, "Content-Length": str(len(content)), **named},
            content,
        )

    def has_article(self, path: str = "/wings", more: str = TEXT, **headers: str) -> None:
        self.says(path, ARTICLE.format(more=more), **headers)

    @property
    def paths(self) -> list[str]:
        return [path for path, _headers in self.asked]


@pytest.fixture
def site(settings) -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    settings.FETCH_ALLOW = ("127.0.0.0/8",)
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, dict(self.headers)))
            answer = site.answers.get(self.path, (404, HTML, b"nothing here"))
            if callable(answer):
                answer(self)
                return
            status, headers, body = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Log nothing."""

        def handle(self) -> None:
            with suppress(OSError):  # The caller has hung up.
                super().handle()

    return Handler


@pytest.fixture
def share(tmp_path, settings):
    root = tmp_path / "mnt" / "share"
    root.mkdir(parents=True)
    settings.WATCH_ROOTS = (str(tmp_path / "mnt"),)
    return root


@pytest.fixture
def folder(place, share):
    write(share / "one.txt", "Lift is what wings make.")
    write(share / "inner" / "two.txt", "Drag is what wings also make.")
    return connect_folder(workspace=place, path=str(share), by=None)
