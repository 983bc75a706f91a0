import base64
import gzip
import socket
import threading
import time

import pytest

from ingestion.errors.fetching import FetchFailed
from ingestion.sources.web import fetch as fetching
from ingestion.sources.web.fetch import Seen, fetch
from ingestion.storage.blobs import TooLarge


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(data_dir):
    yield
    assert [path for path in (data_dir / "tmp").iterdir() if path.name.startswith("incoming")] == []


def taken(page) -> bytes:
    content = page.received.path.read_bytes()
    page.received.discard()
    return content


def refusal(url, seen=None) -> str:
    with pytest.raises(FetchFailed) as caught:
        fetch(url, seen)
    assert caught.value.message.endswith(".")
    return caught.value.code


def test_a_page_comes_byte_for_byte(site):
    site.says(
        "/wings", b"\xff\x00 bytes", ETag='"one"', Last_Modified="Sun, 01 Nov 2026 10:00:00 GMT"
    )

    page = fetch(site.url())

    assert taken(page) == b"\xff\x00 bytes"
    assert page.seen == Seen(site.url(), '"one"', "Sun, 01 Nov 2026 10:00:00 GMT")
    assert page.media_type == "text/html"


def test_nothing_about_us_is_sent(site):
    site.has_article()

    taken(fetch(site.url()))

    assert site.paths == ["/robots.txt", "/wings"]
    for _path, headers in site.asked:
        assert set(headers) <= {"Host", "User-Agent", "Accept", "Accept-Encoding"}
        assert headers["User-Agent"] == "reading-room"


def test_fetching_is_off_until_an_administrator_allows_hosts(site, settings):
    settings.FETCH_ALLOW = ()

    assert refusal(site.url()) == "fetch_off"
    assert site.asked == []


def test_the_internet_does_not_include_this_machine(site, settings):
    settings.FETCH_ALLOW = ("public",)

    for host in (
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ):
        site.host = host
        assert refusal(site.url()) == "fetch_address_refused"
    assert site.asked == []


def test_a_redirect_is_followed(site):
    site.says("/old", status=301, Location="/new?x=1#part")
    site.says("/new?x=1", "here")

    page = fetch(site.url("/old"))

    assert (taken(page), page.seen.url) == (b"here", site.url("/new?x=1"))


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "//192.168.1.1/",
        "http://[::1]/",
        "http://[fe80::1]/",
    ],
)
def test_a_redirect_leads_nowhere_that_is_not_allowed(site, target):
    site.says("/old", status=302, Location=target)

    assert refusal(site.url("/old")) == "fetch_address_refused"


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://user:pw@127.0.0.1/",
        "http://127.0.0.1:22/",
    ],
)
def test_a_redirect_leads_to_web_pages_alone(site, target):
    site.says("/old", status=302, Location=target)

    assert refusal(site.url("/old")) == "fetch_address_invalid"


def test_redirects_come_to_an_end(site):
    site.says("/round", status=302, Location="/round")

    assert refusal(site.url("/round")) == "fetch_redirects"
    assert len(site.paths) == 1 + 1 + fetching.MAX_REDIRECTS


def test_a_name_is_looked_up_once_and_its_checked_address_used(site, monkeypatch):
    """A name that resolves to another address the second time is not looked up a second time."""
    real, asked = socket.getaddrinfo, []

    def rebinding(host, port, *args, **kwargs):
        if host != "wings.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        address = "127.0.0.1" if len(asked) % 2 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    connected = []
    connect = socket.create_connection
    monkeypatch.setattr(
        socket,
        "create_connection",
        lambda where, *a, **k: connected.append(where) or connect(where, *a, **k),
    )
    site.has_article()
    site.host = "wings.example"

    assert refusal(site.url()) == "fetch_address_refused"

    assert site.paths == ["/robots.txt"]
    assert connected == [("127.0.0.1", site.port)]
    assert len(asked) == 2


def test_the_request_names_the_host_and_not_its_address(site, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *a, **k: real("127.0.0.1" if host == "wings.example" else host, *a, **k),
    )
    site.has_article()
    site.host = "wings.example"

    taken(fetch(site.url()))

    assert {headers["Host"] for _path, headers in site.asked} == {f"wings.example:{site.port}"}


def test_robots_are_heard(site):
    site.has_article()
    site.has_article("/open")
    site.says("/robots.txt", "User-agent: other\nDisallow:\n\nUser-agent: *\nDisallow: /wings\n")

    assert refusal(site.url()) == "fetch_robots"
    assert taken(fetch(site.url("/open")))
    assert site.paths.count("/wings") == 0


def test_robots_may_speak_to_us_by_name(site):
    site.has_article()
    site.says("/robots.txt", "User-agent: Reading-Room\nDisallow: /\n\nUser-agent: *\nDisallow:\n")

    assert refusal(site.url()) == "fetch_robots"


def test_robots_are_heard_behind_a_redirect_too(site):
    site.says("/old", status=302, Location="/wings")
    site.has_article()
    site.says("/robots.txt", "User-agent: *\nDisallow: /wings\n")

    assert refusal(site.url("/old")) == "fetch_robots"


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_asks_for_nothing(site, status):
    site.has_article()
    site.says("/robots.txt", "Disallow: /", status)

    assert taken(fetch(site.url()))


def test_a_site_with_failing_robots_is_postponed(site):
    site.has_article()
    site.says("/robots.txt", status=503)

    assert refusal(site.url()) == "fetch_busy"


def test_endless_robots_are_read_for_their_beginning(site, monkeypatch):
    monkeypatch.setattr("ingestion.sources.web.robots.MAX_ROBOTS_BYTES", 100)
    site.has_article()
    site.says("/robots.txt", "# nothing\n" * 10 + "User-agent: *\nDisallow: /\n" * 10_000)

    assert taken(fetch(site.url()))


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
def test_a_mark_that_cannot_be_sent_back_is_not_kept(site, tag):
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


def test_a_page_that_drips_ends_with_its_time(site, settings):
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


def test_a_server_that_never_answers_ends_with_its_time(site, settings):
    settings.FETCH_SECONDS = 0.6
    stop = threading.Event()
    site.answers["/wings"] = lambda handler: stop.wait(60)

    assert refusal(site.url()) == "fetch_slow"
    stop.set()


def test_headers_that_drip_end_with_their_time(site, settings):
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


def test_proxy_variables_of_the_environment_are_ignored(site, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.has_article()

    assert taken(fetch(site.url()))


def test_a_proxy_that_is_configured_is_used_and_asked_for_nothing_forbidden(site, settings):
    settings.FETCH_PROXY = f"http://127.0.0.1:{site.port}"
    site.has_article("http://127.0.0.2/wings")

    assert taken(fetch("http://127.0.0.2/wings"))
    assert site.paths == ["http://127.0.0.2/robots.txt", "http://127.0.0.2/wings"]
    assert refusal("http://10.0.0.1/wings") == "fetch_address_refused"


def test_a_proxy_may_require_credentials(site, settings):
    settings.FETCH_PROXY = f"http://reader:a%40b@127.0.0.1:{site.port}"
    site.has_article("http://127.0.0.2/wings")

    taken(fetch("http://127.0.0.2/wings"))

    assert (
        site.asked[-1][1]["Proxy-Authorization"]
        == "Basic " + base64.b64encode(b"reader:a@b").decode()
    )


def test_a_certificate_has_to_be_that_of_the_name():
    assert fetching._tls_context().check_hostname
    assert fetching._tls_context().verify_mode.name == "CERT_REQUIRED"
