from contextlib import suppress

import pytest

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import parse
from ingestion.parsing.formats import ARTICLE

LIFT = "Lift is what wings make when they turn the air that they meet downwards. " * 6
PAGE = f"""<html><head><title>On wings | The Wing Company</title>
<meta property="article:published_time" content="2026-03-04T10:00:00Z"></head>
<body><nav><a href="/">Home</a></nav><main><article><h1>On wings</h1><p>{LIFT}</p><h2>Speed</h2>
<ul><li>slow</li><li>fast</li></ul><table><tr><th>Speed</th><th>Lift</th></tr><tr><td>10</td><td>20</td></tr></table>
<pre><code>a = 1
b = 2</code></pre><p>升力由机翼产生。{"空气向下，机翼向上。" * 20}</p></article></main>
<aside>Buy our wings now</aside><footer>Copyright and cookies</footer></body></html>"""


@pytest.fixture
def read(tmp_path):
    def read(text: str, encoding: str = "utf-8"):
        (tmp_path / "page").write_bytes(text.encode(encoding))
        return parse(tmp_path / "page", ARTICLE, name="example.org/wings")

    return read


def test_an_article_is_read_without_the_page_around(read):
    parsed = read(PAGE)

    text = "\n".join(element.text for element in parsed.elements)
    assert parsed.title == "On wings"
    assert [element.text for element in parsed.elements[:2]] == ["On wings", "2026-03-04"]
    assert "Lift is what wings make" in text
    assert "升力由机翼产生。" in text
    for around in ("Home", "Buy our wings", "cookies"):
        assert around not in text


def test_its_structure_is_kept(read):
    kinds = {element.category: element.text for element in read(PAGE).elements}

    assert kinds["Title"] == "Speed"
    assert "| 10 | 20 |" in kinds["Table"]
    assert kinds["ListItem"].endswith("fast")
    assert kinds["CodeSnippet"] == "a = 1\nb = 2"


def test_only_links_inside_an_article_keep_their_addresses(read):
    link = 'The form is <a href="https://example.org/form/77">here</a>. '
    page = PAGE.replace("<p>Lift", f"<p>{link}Lift").replace(
        'href="/">Home', 'href="https://example.org/">Home'
    )

    text = "\n".join(element.text for element in read(page).elements)

    assert "The form is here (https://example.org/form/77). Lift is" in text
    assert "Home" not in text


def test_a_page_without_an_article_is_read_as_a_whole(read):
    rows = "".join(f"<tr><td>item {n}</td><td>{n * 7}</td></tr>" for n in range(40))

    parsed = read(
        f"<html><head><title>Stock</title></head><body><form><table>{rows}</table></form></body></html>"
    )

    assert "item 39" in "\n".join(element.text for element in parsed.elements)


def test_a_short_page_is_read_whole(read):
    assert [element.text for element in read("<p>升力由机翼产生。</p>").elements][
        -1
    ] == "升力由机翼产生。"


def test_the_declared_encoding_of_a_page_is_used(read):
    parsed = read(PAGE.replace("<head>", '<head><meta charset="gb18030">'), "gb18030")

    assert "升力由机翼产生" in "\n".join(element.text for element in parsed.elements)


@pytest.mark.parametrize(
    "text",
    ["<html>" * 3000, "<p>" + "x" * 300_000, "<div>" * 5000 + "deep", "<a href='//[x'>y</a> z"],
)
def test_odd_pages_do_not_stop_the_article_search(read, text):
    with suppress(UnreadableDocument):
        assert read(text + " some words at the end of it").elements
