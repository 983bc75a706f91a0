"""Fetching a page: content, validators, limits of size and time, and the errors of servers."""

import gzip
import socket
import threading
import time

import pytest
from support.fetched_pages import refusal, taken

from ingestion.sources.web.fetch import Seen, fetch
from ingestion.storage.blobs import TooLarge

pytestmark = pytest.mark.usefixtures("no_file_left_behind")


def test_a_page_is_fetched_byte_for_byte(site):
    site.says(
        "/wings", b"\xff\x00 bytes", ETag='"one"', Last_Modified="Sun, 01 Nov 2026 10:00:00 GMT"
    )

    page = fetch(site.url())

    assert taken(page) == b"\xff\x00 bytes"
    assert page.seen == Seen(site.url(), '"one"', "Sun, 01 Nov 2026 10:00:00 GMT")
    assert page.media_type == "text/html"


def test_requests_send_only_necessary_headers(site):
    site.has_article()

    taken(fetch(site.url()))

    assert site.paths == ["/robots.txt", "/wings"]
    for _path, headers in site.asked:
        assert set(headers) <= {"Host", "User-Agent", "Accept", "Accept-Encoding"}
        assert headers["User-Agent"] == "reading-room"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "fetch_status"),
        (403, "fetch_status"),
        (404, "fetch_gone"),
        (410, "fetch_gone"),
        (429, "fetch_busy"),
        (503, "fetch_busy"),
        (204, "fetch_status"),
        (304, "fetch_status"),
    ],
)
def test_refusals_of_a_server_have_different_codes(site, status, code):
    site.says("/wings", status=status)

    assert refusal(site.url()) == code


def test_an_unchanged_page_is_not_sent_again(site):
    def answer(handler):
        assert handler.headers["If-None-Match"] == '"one"'
        assert handler.headers["If-Modified-Since"] == "then"
        handler.send_response(304)
        handler.end_headers()

    site.answers["/wings"] = answer
    seen = Seen(site.url(), '"one"', "then")

    page = fetch(site.url(), seen)

    assert (page.received, page.seen) == (None, seen)


@pytest.mark.parametrize("tag", ["\u00ff", "x" * 300])
def test_an_etag_that_cannot_be_sent_back_is_not_kept(site, tag):
    site.has_article(ETag=tag)

    page = fetch(site.url())

    assert page.seen.etag == ""
    taken(page)


def test_validators_of_another_address_are_not_sent(site):
    site.has_article()

    taken(fetch(site.url(), Seen(site.url("/elsewhere"), '"one"')))

    assert "If-None-Match" not in site.asked[-1][1]


def test_a_page_may_be_as_large_as_a_document(site, settings):
    settings.MAX_DOCUMENT_BYTES = 1000
    site.says("/announced", b"x" * 1001)
    site.answers["/unannounced"] = lambda handler: sent(handler, [b"x" * 600] * 2)
    site.says("/packed", gzip.compress(b"x" * 1_000_000), Content_Encoding="gzip")

    for path in ("/announced", "/unannounced", "/packed"):
        with pytest.raises(TooLarge):
            fetch(site.url(path))


def sent(handler, blocks, pause=0.0):
    handler.send_response(200)
    handler.end_headers()
    for block in blocks:
        handler.wfile.write(block)
        time.sleep(pause)


def test_a_packed_page_is_unpacked(site):
    content = b"some text " * 50_000
    site.says("/packed", gzip.compress(content), Content_Encoding="gzip")

    assert taken(fetch(site.url("/packed"))) == content


@pytest.mark.parametrize(
    ("body", "packing"),
    [
        (b"no gzip at all", "gzip"),
        (gzip.compress(b"x" * 9999)[:20], "gzip"),
        (b"x", "br"),
        (b"", "gzip"),
    ],
    ids=["not packed", "cut", "unknown", "empty"],
)
def test_broken_compression_is_refused(site, body, packing):
    site.says("/packed", body, Content_Encoding=packing)

    assert refusal(site.url("/packed")) == "fetch_garbled"


@pytest.mark.parametrize(
    "raw",
    [
        b"no http\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000,
    ],
    ids=["nonsense", "cut", "length", "nothing", "headers without end"],
)
def test_a_malformed_response_is_reported(site, raw):
    site.answers["/wings"] = lambda handler: handler.wfile.write(raw)

    assert refusal(site.url()) in {"fetch_garbled", "fetch_unreachable"}


def test_a_slow_page_ends_at_the_time_limit(site, settings):
    settings.FETCH_SECONDS = 0.6
    stop = threading.Event()

    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        while not stop.is_set():
            handler.wfile.write(b".")
            stop.wait(0.05)

    site.answers["/wings"] = drip

    assert refusal(site.url()) == "fetch_slow"
    stop.set()


def test_a_silent_server_ends_at_the_time_limit(site, settings):
    settings.FETCH_SECONDS = 0.6
    stop = threading.Event()
    site.answers["/wings"] = lambda handler: stop.wait(60)

    assert refusal(site.url()) == "fetch_slow"
    stop.set()


def test_slow_headers_end_at_the_time_limit(site, settings):
    settings.FETCH_SECONDS = 0.6
    stop = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not stop.is_set():
            handler.wfile.write(b"X-More: of this\r\n")
            stop.wait(0.05)

    site.answers["/wings"] = drip

    assert refusal(site.url()) == "fetch_slow"
    stop.set()


def test_a_closed_port_is_reported(site):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        site.port = unused.getsockname()[1]

        assert refusal(site.url()) == "fetch_unreachable"


def test_a_fetch_can_be_cancelled(site):
    class Enough(Exception):
        pass

    def tick():
        raise Enough

    site.has_article()

    with pytest.raises(Enough):
        fetch(site.url(), tick=tick)
