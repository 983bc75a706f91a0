"""Answers and passages are rendered as Markdown without active content; scripts only, no server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from providers.builtin.extractive import _as_prose

pytestmark = pytest.mark.browser
STATIC = Path(__file__).resolve().parents[2] / "static"
HOST = "http://pages.invalid"
RENDER = """async ([text, known]) => {
    const { renderMarkdown } = await import("/js/markdown.js");
    const target = document.createElement("div");
    document.body.append(target);
    renderMarkdown(target, text, (n) => {
        if (!known.includes(n)) return null;
        const chip = document.createElement("button");
        chip.textContent = n;
        return chip;
    });
    return target.innerHTML;
}"""
MARK = """async ([text, quote]) => {
    const { showPassage } = await import("/js/passage.js");
    const target = document.createElement("div");
    showPassage(target, text, quote);
    return target.innerHTML;
}"""


@pytest.fixture
def scripts(browser: Browser) -> Iterator[Page]:
    """An empty page that may load only the project's scripts; other requests are errors."""
    page = browser.new_page()
    asked: list[str] = []

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path == "/":
            route.fulfill(content_type="text/html", body="<!doctype html><title>empty</title>")
        elif route.request.url.startswith(HOST):
            route.fulfill(path=STATIC / path.lstrip("/"), content_type="text/javascript")
        else:
            asked.append(route.request.url)
            route.abort()

    page.route("**/*", serve)
    page.goto(f"{HOST}/")
    yield page
    page.close()
    assert asked == []


def render(page: Page, text: str, known: tuple[int, ...] = ()) -> str:
    html: str = page.evaluate(RENDER, [text, list(known)])
    return html.strip()


def test_an_index_of_a_variable_is_no_citation_chip(scripts: Page):
    html = render(
        scripts, "Set x[1], my_list[1] and y[2][1] for pumps[1] of 5 m[1], see 图[1].", (1, 2)
    )

    assert re.sub(r"[\u2060\u202f]", "", html).count("<button>1</button>") == 3
    assert "x[1], my_list[1] and y[2][1]" in html


def test_html_in_an_answer_is_shown_as_text(scripts: Page):
    html = render(scripts, "<script>alert(1)</script> <img src=x onerror=alert(1)>")

    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "/logout/", "//evil.example"],
)
def test_only_web_and_mail_addresses_become_links(scripts: Page, address: str):
    assert "href" not in render(scripts, f"[click]({address})")


def test_a_link_opens_a_new_tab_without_referrer(scripts: Page):
    html = render(scripts, "[site](https://example.org/a)")

    assert 'href="https://example.org/a"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize(
    "words", ["site", "https://bank.example", "first.co", "example.org.bank.example"]
)
def test_a_link_shows_its_host(scripts: Page, words: str):
    html = render(scripts, f"[{words}](https://example.org/a?secret=1)")

    assert f"{words} (example.org)</a>" in html
    assert 'title="https://example.org/a?secret=1"' in html


def test_a_link_that_is_its_own_address_is_shown_once(scripts: Page):
    assert ">https://example.org/a</a>" in render(scripts, "<https://example.org/a>")
    assert ">write</a>" in render(scripts, "[write](mailto:ada@example.org)")


def test_an_image_is_named_and_not_loaded(scripts: Page):
    assert render(scripts, "![the plan](https://example.org/plan.png)") == "<p>the plan</p>"


def test_a_table_keeps_its_alignment_without_a_style(scripts: Page):
    html = render(scripts, "| a | b |\n|---|--:|\n| 1 | 2 |")

    assert '<td align="right">2</td>' in html
    assert "style=" not in html
    assert html.startswith('<div class="table-scroll" tabindex="0">')


def test_numbers_of_known_sources_become_chips_and_others_stay_text(scripts: Page):
    assert (
        render(scripts, "So it is [1][3].", known=(1,))
        == "<p>So it is\u202f<button>1</button>[3].</p>"
    )


def test_numbers_in_code_stay_code(scripts: Page):
    assert render(scripts, "`rows[1]`", known=(1,)) == "<p><code>rows[1]</code></p>"


def test_a_quotation_is_marked_in_its_passage_regardless_of_spaces(scripts: Page):
    html = scripts.evaluate(MARK, ["One <b>two\n  three</b> four.", "two three</b>"])

    assert html == "One &lt;b&gt;<mark>two\n  three&lt;/b&gt;</mark> four."


def test_a_quotation_that_is_not_in_the_passage_marks_nothing(scripts: Page):
    assert scripts.evaluate(MARK, ["One two.", "three"]) == "One two."


def test_each_part_of_a_shortened_quotation_is_marked(scripts: Page):
    html = scripts.evaluate(MARK, ["One. Two. Three. Four … five.", "One. … Three."])

    assert html == "<mark>One.</mark> Two. <mark>Three.</mark> Four … five."


def test_a_quotation_that_contains_an_ellipsis_is_marked_as_one(scripts: Page):
    assert scripts.evaluate(MARK, ["Four … five.", "Four … five."]) == "<mark>Four … five.</mark>"


def test_an_ordered_list_keeps_its_start_number(scripts: Page):
    assert render(scripts, "4. four\n5. five").startswith('<ol start="4">')


def test_a_table_in_a_passage_becomes_a_table_with_its_quotation_marked(scripts: Page):
    html = scripts.evaluate(
        MARK, ["Hives\n| Name | Kilos |\n| --- | --- |\n| <b>North</b> | 21 |\nEnd", "21"]
    )

    assert html == (
        'Hives\n<div class="table-scroll"><table><thead><tr><th> Name </th><th> Kilos </th></tr></thead>'
        "<tbody><tr><td> &lt;b&gt;North&lt;/b&gt; </td><td> <mark>21</mark> </td></tr></tbody></table></div>End"
    )


def test_a_passage_heads_every_column_of_a_table_with_longer_rows(scripts: Page):
    html = scripts.evaluate(MARK, ["| Name |\n| --- |\n| North | 21 |", "x"])

    assert "<thead><tr><th> Name </th><td></td></tr></thead>" in html


@pytest.mark.parametrize(
    "text",
    [
        "# Wing *bolts* are __torqued__",
        "> 3. `Wing` bolts, ~~twice~~",
        "12) [here](https://a.example) and ![x](a.png)",
        "[x]: https://a.example &amp; <https://b.example> <b>",
        r"C:\*.txt \* and \_x_ 3 * 4 MAX_TOKENS ***",
        "--- *x* _y",
    ],
)
def test_a_quotation_of_the_built_in_model_is_shown_verbatim(scripts: Page, text: str):
    scripts.evaluate(RENDER, [_as_prose(text), []])

    assert scripts.locator("div").last.inner_text().strip() == text
