import pytest

from ingestion.errors.fetching import FetchFailed
from ingestion.web_addresses import file_name, name_of, normal_url


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        (" HTTPS://Example.ORG:443/a b?q=ü#part ", "https://example.org/a%20b?q=%C3%BC"),
        ("http://example.org", "http://example.org/"),
        ("http://例え.jp/路径", "http://xn--r8jz45g.jp/%E8%B7%AF%E5%BE%84"),
        ("http://example.org/a%2Fb", "http://example.org/a%2Fb"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
    ],
)
def test_an_address_is_written_in_one_way(raw, normal):
    assert normal_url(raw) == normal
    assert normal_url(normal) == normal


@pytest.mark.parametrize(
    "raw",
    [
        "", "example.org", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)",
        "http://", "http:///path", "http://user:secret@example.org/", "http://user@example.org/",
        "http://example.org:25/", "http://example.org:22/", "http://example.org:99999/", "http://a\nb/",
        "http://example.org\\@evil.org/", "http://127.0.0.1%2f@evil.org/", "http://example.org/" + "x" * 3000, "\x00",
    ],
)  # fmt: skip
def test_an_address_of_no_web_page_is_refused(raw):
    with pytest.raises(FetchFailed) as caught:
        normal_url(raw)

    assert caught.value.code == "fetch_address_invalid"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/", "example.org"),
        ("https://example.org/guide/a%20b/", "example.org/guide/a b"),
        ("https://example.org:8443/x?page=2", "example.org:8443/x?page=2"),
        ("http://xn--r8jz45g.jp/%E8%B7%AF", "例え.jp/路"),
        ("https://example.org/%2e%2e/%00a", "example.org/a"),
    ],
)
def test_a_page_is_called_by_its_address(url, name):
    assert name_of(url) == name


@pytest.mark.parametrize(
    ("url", "media_type", "name"),
    [
        ("https://example.org/a.pdf", "application/pdf", "a.pdf"),
        ("https://example.org/view.php", "text/html", "view.php.html"),
        ("https://example.org/", "text/html", ".html"),
        ("https://example.org/table", "text/csv", "table.csv"),
        ("https://example.org/table.csv", "text/plain", "table.csv"),
        ("https://example.org/x.bin", "application/octet-stream", "x.bin"),
        ("https://example.org/x", "made/up", "x"),
    ],
)
def test_the_media_type_of_the_server_completes_the_name_of_a_page(url, media_type, name):
    assert file_name(url, media_type) == name
