"""Web pages: all visible text, in visible order."""

import pytest
from support.element_kinds import kind

from ingestion.parsing.markup.reader import html_elements, html_root, markdown_elements
from ingestion.parsing.text.cleaning import clean_elements
from ingestion.parsing.text.tables import (
    MIN_SPANNED_CELLS,
    SPANNED_CELLS_PER_CELL,
    html_rows,
    table_elements,
)


def seen(page: str) -> list[tuple[str, str]]:
    return [(kind(element), element.text) for element in html_elements(page)]


def test_numbers_of_a_list_stay_with_its_items_and_lists_in_lists_keep_their_order():
    page = (
        "<ol start=3><li>Three<ul><li>inner</ul><p>more</p><li value=7>Seven</ol><ul><li>plain</ul>"
    )

    assert seen(page) == [
        ("list_item", "3. Three"),
        ("list_item", "inner"),
        ("paragraph", "more"),
        ("list_item", "7. Seven"),
        ("list_item", "plain"),
    ]


def test_pictures_are_read_as_their_alternative_text():
    page = (
        '<figure><img src=a alt="A lamp"><figcaption>The lamp</figcaption></figure>'
        '<p>See <img alt="x.png"> here.</p>'
    )

    assert seen(page) == [
        ("caption", "A lamp"),
        ("caption", "The lamp"),
        ("paragraph", "See here."),
    ]


def test_only_chinese_lines_are_joined_without_space():
    assert seen("<p>灯塔\n  管理</p><p>one\ntwo<br>three</p>") == [
        ("paragraph", "灯塔管理"),
        ("paragraph", "one two\nthree"),
    ]


def test_links_side_by_side_do_not_run_into_one_word():
    assert seen("<p><a>Home</a><a>About</a></p>") == [("paragraph", "Home About")]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("10<sup>-6</sup> m<sup>2</sup>", "10^-6 m^2"),
        ("10<sup>−6</sup>, 10<sup><i>12</i></sup>", "10^-6, 10^12"),
        ("<b>10</b><sup>3</sup>", "10^3"),
        ("1,200<sup>3</sup> million", "1,200 ^3 million"),
        ("1200<sup><a href=#n3>3</a></sup> million", "1200 ^3 million"),
        ("word<sup>[3]</sup> 1<sup>st</sup>", "word[3] 1st"),
        ("H<sub>2</sub>O, log<sub>2</sub>8", "H2O, log2 8"),
    ],
)
def test_raised_figures_do_not_run_into_numbers(page, text):
    assert seen(f"<p>{page}</p>") == [("paragraph", text)]


@pytest.mark.parametrize(
    ("attributes", "markers"),
    [
        ("type=a", ["a.", "b."]),
        ("type=A start=26", ["Z.", "AA."]),
        ("type=i start=4", ["iv.", "v."]),
        ("type=I", ["I.", "II."]),
        ("type=a start=0", ["0.", "a."]),
        ("reversed", ["2.", "1."]),
        ("reversed start=10", ["10.", "9."]),
        ("start=-1", ["-1.", "0."]),
        ('style="list-style-type: lower-roman"', ["i.", "ii."]),
        ('style="color:red; list-style: upper-latin inside"', ["A.", "B."]),
    ],
)
def test_items_have_the_numbers_that_a_browser_shows(attributes, markers):
    page = f"<ol {attributes}><li>one<li>two</ol>"

    assert seen(page) == [("list_item", f"{markers[0]} one"), ("list_item", f"{markers[1]} two")]


def test_an_item_may_have_its_own_number_and_numbering():
    page = "<ol type=a><li value=3>three<li type=1>four<li>five</ol><ol style='list-style: none'><li>bare</ol>"

    assert [text for _kind, text in seen(page)] == ["c. three", "4. four", "e. five", "bare"]


def test_hidden_deleted_and_script_elements_are_left_out():
    page = """<p hidden>no</p><p style="display: none">no</p><nav>no</nav><button>no</button>
    <p><del>old price 10</del> <ins>new price 12</ins><s>no</s><strike>no</strike></p><del><p>no</p></del>"""

    assert seen(page) == [("paragraph", "new price 12")]


@pytest.mark.parametrize(
    ("head", "header"),
    [
        (
            "<tr><th rowspan=2>Type<th colspan=2>Flow<tr><th>min<th>max",
            "| Type | Flow min | Flow max |",
        ),
        (
            "<thead><tr><td rowspan=2>Type<td colspan=2>Flow<tr><td>min<td>max</thead>",
            "| Type | Flow min | Flow max |",
        ),
        (
            "<tr><th rowspan=3>T<th colspan=2>Flow<tr><th>min<th>max<tr><th>l/s<th>l/s",
            "| T | Flow min l/s | Flow max l/s |",
        ),
        ("<tr><th colspan=3>Pumps<tr><th>Type<th>min<th>max", "| Type | min | max |"),
        ("<tr><th>Type<th>min<th>max", "| Type | min | max |"),
    ],
)
def test_a_header_of_several_rows_is_one(head, header):
    found = seen(f"<table>{head}<tr><td>A<td>1<td>9<tr><th>B<td>2<td>8</table>")

    assert found[-1][1].splitlines() == [
        header,
        "| --- | --- | --- |",
        "| A | 1 | 9 |",
        "| B | 2 | 8 |",
    ]
    assert [text for _kind, text in found[:-1]] == (["Pumps"] if "Pumps" in head else [])


def test_a_table_of_one_row_keeps_its_empty_columns():
    row = [["Valve 8", "", "5", ""]]

    assert [element.text for element in clean_elements(table_elements(row))] == ["Valve 8 | | 5"]


def test_a_table_of_headers_alone_keeps_its_rows():
    assert seen("<table><tr><th>a<th>b<tr><th>c<th>d</table>")[0][1].endswith("| c | d |")


@pytest.mark.parametrize(
    ("mathml", "latex"),
    [
        ("<mi>x</mi><mo>=</mo><mn>2</mn>", "x=2"),
        ("<mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup>", "E=mc^{2}"),
        (
            "<mfrac><mrow><mo>-</mo><mi>b</mi></mrow><mrow><mn>2</mn><mi>a</mi></mrow></mfrac>",
            r"\frac{-b}{2a}",
        ),
        (
            "<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt><mroot><mi>y</mi><mn>3</mn></mroot>",
            r"\sqrt{x+1}\sqrt[3]{y}",
        ),
        ("<msub><mi>η</mi><mtext>max</mtext></msub>", r"\eta_{\text{max}}"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "x_{i}^{2}"),
        (
            "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi>",
            r"\sum_{i=1}^{n} i",
        ),
        (
            "<mover><mi>x</mi><mo>¯</mo></mover><mover><mi>F</mi><mo>→</mo></mover>",
            r"\bar{x}\vec{F}",
        ),
        (
            "<munder><mi>lim</mi><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder>",
            r"\lim_{x\to 0}",
        ),
        ("<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi><mo>≤</mo><mn>1</mn>", r"\sin x\leq 1"),
        (
            "<mfenced><mi>a</mi><mi>b</mi></mfenced><mfenced open='[' close=']'><mi>c</mi></mfenced>",
            "(a, b)[c]",
        ),
        (
            "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd><mn>0</mn></mtd></mtr></mtable>",
            r"\begin{matrix} 1 & 0 \\ 0 \end{matrix}",
        ),
        ("<mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac>", r"\binom{n}{k}"),
        (
            "<semantics><mrow><mi>x</mi></mrow><annotation encoding='application/x-tex'>{\\displaystyle \\frac{x}{2}}"
            "</annotation></semantics>",
            r"\frac{x}{2}",
        ),
        (
            "<semantics><mi>y</mi><annotation-xml encoding=MathML-Content><ci>y</ci></annotation-xml></semantics>",
            "y",
        ),
    ],
)
def test_formulas_of_a_page_are_read_as_latex(mathml, latex):
    assert seen(f"<p>So <math>{mathml}</math>.</p>") == [("paragraph", f"So {latex}.")]


def test_a_formula_drawn_beside_its_mathml_is_read_once():
    page = """<p><span class="katex"><span class="katex-mathml"><math><semantics><mi>x</mi>
    <annotation encoding="application/x-tex">x^2</annotation></semantics></math></span>
    <span class="katex-html" aria-hidden="true">x2</span></span> holds.</p>"""

    assert seen(page) == [("paragraph", "x^2 holds.")]


def test_spans_of_a_table_are_filled_and_a_layout_table_is_read_as_blocks():
    page = """<table><caption>Fees</caption><tr><th>Ship<th colspan=2>Fee
    <tr><td rowspan=2>A|B<td>1<td>2<tr><td>3<td>4</table>
    <table role=presentation><tr><td><h2>Left</h2></td><td>right</td></tr></table>"""

    assert seen(page) == [
        ("caption", "Fees"),
        (
            "table",
            "| Ship | Fee | Fee |\n| --- | --- | --- |\n| A\\|B | 1 | 2 |\n| A\\|B | 3 | 4 |",
        ),
        ("heading2", "Left"),
        ("paragraph", "right"),
    ]


@pytest.mark.parametrize(
    ("table", "most_added"),
    [
        ("<tr><td>a<td colspan=1000 rowspan=65534>b" * 500, SPANNED_CELLS_PER_CELL * 1_000),
        ("<tr><td colspan=1000 rowspan=65534>a<td>b" + "<tr>" * 99, MIN_SPANNED_CELLS),
    ],
)
def test_cells_added_by_spans_are_limited(table, most_added):
    rows = html_rows(html_root(f"<table>{table}</table>").find(".//table"))

    assert len(rows) == table.count("<tr>")
    assert sum(map(len, rows)) - table.count("<td") == most_added


def test_a_cell_over_a_hundred_rows_is_repeated_in_each_row():
    group = (
        "<tr><td rowspan=100>Pump<td rowspan=100>Flow<td rowspan=100>l/s<td>0" + "<tr><td>1" * 99
    )
    page = f"<table><tr><th>Part<th>Size<th>Unit<th>Value{group * 50}</table>"

    lines = seen(page)[0][1].splitlines()

    assert len(lines) == 5_002
    assert lines[-1] == "| Pump | Flow | l/s | 1 |"


def test_a_form_of_a_fine_grid_keeps_its_merged_cells():
    page = f"<table>{'<tr><td colspan=4>Name<td colspan=20>Mei' * 45}</table>"

    assert seen(page)[0][1].splitlines()[-1] == "|" + " Name |" * 4 + " Mei |" * 20


def test_a_span_of_five_thousand_digits_does_not_fail_the_page():
    assert seen(f"<table><tr><th>a<td>b<tr><td colspan={'9' * 5_000}>c</table>")[0][0] == "table"


def test_code_stays_verbatim_and_headings_are_one_line():
    page = (
        "<h3>A<br>b <i>c</i></h3><pre>\n  x = 1\n\n  y</pre><div role=heading aria-level=4>d</div>"
    )

    assert seen(page) == [("heading3", "A b c"), ("code", "  x = 1\n\n  y"), ("heading4", "d")]


def test_ten_thousand_items_are_read_at_once():
    page = "<ol>" + "".join(f"<li>item {number}" for number in range(10_000)) + "</ol>"

    assert html_elements(page)[-1].text == "10000. item 9999"


@pytest.mark.parametrize("page", ["", "<!-- only -->", "<html></html>", "<title>t</title>"])
def test_a_page_without_anything_has_no_elements(page):
    assert html_elements(page) == []


def test_markdown_with_code_in_a_list_a_table_and_markup():
    text = (
        "# Knots\n\n1. Tie\n\n   ```py\n   tie()\n   ```\n2. Pull\n\n"
        "| a | b |\n|---|---|\n| 1 | ~~2~~ 3 |\n\nx<br>y\n"
    )

    assert [(kind(element), element.text) for element in markdown_elements(text)] == [
        ("heading1", "Knots"),
        ("list_item", "1. Tie"),
        ("code", "tie()"),
        ("list_item", "2. Pull"),
        ("table", "| a | b |\n| --- | --- |\n| 1 | 3 |"),
        ("paragraph", "x\ny"),
    ]


@pytest.mark.parametrize(
    ("text", "title", "found"),
    [
        (
            "---\ntitle: 'Ropes'\nauthor: Mei\ntags: [a, b]\n---\ntext",
            "Ropes",
            ["Ropes", "author: Mei\ntags: [a, b]", "text"],
        ),
        (
            '+++\ntitle = "Sails"\ndate = 2026-01-05\n+++\ntext',
            "Sails",
            ["Sails", "date: 2026-01-05", "text"],
        ),
        ("---\ntitle: 设备规程\n---\n# 设备规程\n\ntext", "设备规程", ["设备规程", "text"]),
        ("---\nowner: 陈志远\n---\n# Pumps", "Pumps", ["owner: 陈志远", "Pumps"]),
        ("---\ntags:\n  - pump\n  - 'valve'\n---\ntext", "", ["tags:\n- pump\n- 'valve'", "text"]),
        ("---\n\nA line above.\n\n---\n\ntext", "", ["A line above.", "text"]),
        ("---\ntitle: Alone\n---\n", "Alone", ["Alone"]),
    ],
)
def test_front_matter_gives_the_title_and_text(read, written, text, title, found):
    parsed = read(written("a.md", text.encode()))

    assert (parsed.title, [element.text for element in parsed.elements]) == (title, found)


@pytest.mark.data
def test_a_guide_is_read_as_shown_in_a_browser(read, real_data, outline):
    found = [text for _kind, text in outline(read(real_data / "cases" / "07-html_a-blocks.html"))]

    assert (
        "| Type | Flow min | Flow max |\n| --- | --- | --- |\n| A | 1 | 9 |\n| B | 2 | 8 |" in found
    )
    assert found[found.index("4. Open the lid") :][:4] == [
        "4. Open the lid",
        "5. Drain",
        "a. cold side",
        "b. hot side",
    ]
    assert "Area 25 m^2, 10^-6, H2O, new price 12, SOP" in found
    assert not any("old price" in text for text in found)
