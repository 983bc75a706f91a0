"""Web pages: everything a reader sees, in the order in which they see it."""

import pytest
from kinds import kind

from ingestion.parsing.markup import html_elements, markdown_elements


def seen(page: str) -> list[tuple[str, str]]:
    return [(kind(element), element.text) for element in html_elements(page)]


def test_numbers_of_a_list_stay_with_its_items_and_lists_in_lists_keep_their_order():
    page = "<ol start=3><li>Three<ul><li>inner</ul><p>more</p><li value=7>Seven</ol><ul><li>plain</ul>"

    assert seen(page) == [
        ("list_item", "3. Three"),
        ("list_item", "inner"),
        ("paragraph", "more"),
        ("list_item", "7. Seven"),
        ("list_item", "plain"),
    ]


def test_pictures_are_told_by_what_stands_for_them():
    page = (
        '<figure><img src=a alt="A lamp"><figcaption>The lamp</figcaption></figure><p>See <img alt="x.png"> here.</p>'
    )

    assert seen(page) == [("caption", "A lamp"), ("caption", "The lamp"), ("paragraph", "See here.")]


def test_lines_broken_in_chinese_are_joined_and_others_are_not():
    assert seen("<p>灯塔\n  管理</p><p>one\ntwo<br>three</p>") == [
        ("paragraph", "灯塔管理"),
        ("paragraph", "one two\nthree"),
    ]


def test_raised_numbers_and_links_side_by_side_do_not_run_into_words():
    assert seen("<p>10<sup>2</sup> m, H<sub>2</sub>O, 1<sup>st</sup></p><p><a>Home</a><a>About</a></p>") == [
        ("paragraph", "10^2 m, H2O, 1st"),
        ("paragraph", "Home About"),
    ]


def test_what_is_hidden_or_works_is_left_out_and_deleted_text_is_not():
    page = '<p hidden>no</p><p style="display: none">no</p><nav>no</nav><button>no</button><p><del>old</del> new</p>'

    assert seen(page) == [("paragraph", "old new")]


def test_a_table_that_spans_is_filled_and_one_that_only_places_things_is_read_through():
    page = """<table><caption>Fees</caption><tr><th>Ship<th colspan=2>Fee
    <tr><td rowspan=2>A|B<td>1<td>2<tr><td>3<td>4</table>
    <table role=presentation><tr><td><h2>Left</h2></td><td>right</td></tr></table>"""

    assert seen(page) == [
        ("caption", "Fees"),
        ("table", "| Ship | Fee | Fee |\n| --- | --- | --- |\n| A\\|B | 1 | 2 |\n| A\\|B | 3 | 4 |"),
        ("heading2", "Left"),
        ("paragraph", "right"),
    ]


def test_code_stays_as_it_is_and_headings_are_one_line():
    page = "<h3>A<br>b <i>c</i></h3><pre>\n  x = 1\n\n  y</pre><div role=heading aria-level=4>d</div>"

    assert seen(page) == [("heading3", "A b c"), ("code", "  x = 1\n\n  y"), ("heading4", "d")]


def test_ten_thousand_items_are_read_at_once():
    page = "<ol>" + "".join(f"<li>item {number}" for number in range(10_000)) + "</ol>"

    assert html_elements(page)[-1].text == "10000. item 9999"


@pytest.mark.parametrize("page", ["", "<!-- only -->", "<html></html>", "<title>t</title>"])
def test_a_page_without_anything_has_no_elements(page):
    assert html_elements(page) == []


def test_markdown_with_code_in_a_list_a_table_and_markup():
    text = "# Knots\n\n1. Tie\n\n   ```py\n   tie()\n   ```\n2. Pull\n\n| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\nx<br>y\n"

    assert [(kind(element), element.text) for element in markdown_elements(text)] == [
        ("heading1", "Knots"),
        ("list_item", "1. Tie"),
        ("code", "tie()"),
        ("list_item", "2. Pull"),
        ("table", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("paragraph", "x\ny"),
    ]


def test_front_matter_gives_the_title(read, written):
    assert read(written("a.md", b"---\ntitle: 'Ropes'\n---\ntext")).title == "Ropes"
    assert read(written("b.md", b'+++\ntitle = "Sails"\n+++\ntext')).title == "Sails"
