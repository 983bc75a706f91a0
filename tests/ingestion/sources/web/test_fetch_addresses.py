"""The addresses that a fetch connects to: redirects, name resolution and proxies."""

import base64
import socket

import pytest
from support.fetched_pages import refusal, taken

from ingestion.sources.web import fetch as fetching
from ingestion.sources.web.fetch import fetch

pytestmark = pytest.mark.usefixtures("no_file_left_behind")


def test_fetching_is_off_until_an_administrator_allows_hosts(site, settings):
    settings.FETCH_ALLOW = ()

    assert refusal(site.url()) == "fetch_off"
    assert site.asked == []


def test_addresses_of_this_machine_are_refused(site, settings):
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
def test_a_redirect_to_a_forbidden_address_is_refused(site, target):
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
def test_a_redirect_to_another_protocol_or_port_is_refused(site, target):
    site.says("/old", status=302, Location=target)

    assert refusal(site.url("/old")) == "fetch_address_invalid"


def test_the_number_of_redirects_is_limited(site):
    site.says("/round", status=302, Location="/round")

    assert refusal(site.url("/round")) == "fetch_redirects"
    assert len(site.paths) == 1 + 1 + fetching.MAX_REDIRECTS


def test_a_name_is_resolved_once_per_request_and_its_checked_address_used(site, monkeypatch):
    """Each request resolves the name once, so that DNS rebinding has no effect."""
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


def test_proxy_variables_of_the_environment_are_ignored(site, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.has_article()

    assert taken(fetch(site.url()))


def test_a_configured_proxy_gets_no_request_for_a_forbidden_address(site, settings):
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


def test_a_certificate_must_match_the_host_name():
    assert fetching._tls_context().check_hostname
    assert fetching._tls_context().verify_mode.name == "CERT_REQUIRED"
