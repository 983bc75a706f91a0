"""OpenDocument spreadsheets, presentations and the tables in texts, from markup as LibreOffice writes it."""

import pytest
from support.office_files import opendocument


@pytest.fixture
def said(read, written, outline):
    """Kinds and texts of the elements of a document of this kind with this body."""

    def said(kind: str, body: str, styles: str = "") -> list[tuple[str, str]]:
        return outline(read(written("a.bin", opendocument(kind, body, styles))))

    return said


def cell(text: str, properties: str = "", kind: str = "table-cell") -> str:
    inside = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:{kind} {properties}>{inside}</table:{kind}>"


def row(*cells: str, properties: str = "") -> str:
    return f"<table:table-row {properties}>{''.join(cells)}</table:table-row>"


def test_dates_and_merged_cells_of_a_sheet_are_shown(said):
    date = cell("1/2/26", 'office:value-type="date" office:date-value="2026-02-01T00:00:00"')
    body = '<table:table table:name="Plan">' + row(cell("Who"), cell("When"))
    body += row(cell("Ada", 'table:number-rows-spanned="2"'), date)
    body += row(cell("", kind="covered-table-cell"), cell("later")) + "</table:table>"

    assert said("spreadsheet", body) == [
        ("heading1", "Plan"),
        ("caption", "Plan!A1:B3: Who, When"),
        ("table", "| Who | When |\n| --- | --- |\n| Ada | 2026-02-01 |\n| Ada | later |"),
    ]


def test_a_million_repeated_cells_and_rows_cost_nothing(said):
    empty = row(
        cell("", 'table:number-columns-repeated="16384"'),
        properties='table:number-rows-repeated="1048576"',
    )
    body = f'<table:table table:name="S">{row(cell("a"), cell("b"))}{empty}{row(cell("c"), cell("d"))}</table:table>'

    assert said("spreadsheet", body) == [
        ("heading1", "S"),
        ("paragraph", "a | b"),
        ("paragraph", "c | d"),
    ]


def test_comments_of_a_sheet_and_hidden_sheets_are_shown(said):
    noted = "<table:table-cell><office:annotation><text:p>Check this</text:p></office:annotation><text:p>7</text:p>"
    body = f'<table:table table:name="Draft" table:style-name="h">{row(cell(""), noted + "</table:table-cell>")}'
    style = (
        '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    )

    assert said("spreadsheet", body + "</table:table>", style) == [
        ("heading1", "Draft (hidden)"),
        ("paragraph", "7"),
        ("paragraph", "B1: Check this"),
    ]


def test_slides_have_their_title_first_and_their_notes_last(said):
    frame = "<draw:frame {}><draw:text-box>{}</draw:text-box></draw:frame>"
    body = "<draw:page>" + frame.format(
        "", "<text:list><text:list-item><text:p>One</text:p></text:list-item></text:list>"
    )
    body += frame.format('presentation:class="title"', "<text:p>Why</text:p>")
    body += frame.format('presentation:class="footer"', "<text:p>Ltd.</text:p>")
    body += f"<presentation:notes>{frame.format('', '<text:p>Say it</text:p>')}</presentation:notes></draw:page>"

    assert said("presentation", body) == [
        ("heading1", "Why"),
        ("list_item", "One"),
        ("paragraph", "Say it"),
    ]


def test_merged_cells_in_a_text_are_filled(said):
    covered = cell("", kind="covered-table-cell")
    body = "<table:table>" + row(
        cell("Part"), cell("2024", 'table:number-columns-spanned="2"'), covered
    )
    body += row(cell("Valve", 'table:number-rows-spanned="2"'), cell("1"), cell("2"))
    body += row(covered, cell("3"), cell("4")) + "</table:table>"

    wanted = "| Part | 2024 | 2024 |\n| --- | --- | --- |\n| Valve | 1 | 2 |\n| Valve | 3 | 4 |"
    assert said("text", body) == [("table", wanted)]


def test_an_old_workbook_reads_as_a_new_one(read, outline):
    assert outline(read("budget.xls")) == outline(read("budget.xlsx"))


def level(depth: int, figures: str, suffix: str = ".", more: str = "") -> str:
    marks = f'text:level="{depth}" style:num-format="{figures}" style:num-suffix="{suffix}" {more}'
    return f"<text:list-level-style-number {marks}/>"


def item(*blocks: str, more: str = "") -> str:
    return f"<text:list-item {more}>{''.join(blocks)}</text:list-item>"


def listed(*items: str, more: str = 'text:style-name="L"') -> str:
    return f"<text:list {more}>{''.join(items)}</text:list>"


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


@pytest.fixture
def odt_texts(read, written):
    """Texts of an OpenDocument text with this body and these styles."""

    def odt_texts(body: str, styles: str = "") -> list[str]:
        parsed = read(written("a.odt", opendocument("text", body, styles)))
        return [element.text for element in parsed.elements]

    return odt_texts


def test_items_of_numbered_lists_have_their_numbers(odt_texts):
    more = 'text:display-levels="2"'
    styles = f'<text:list-style style:name="L">{level(1, "1")}{level(2, "a", ")", more)}</text:list-style>'
    inner = listed(item(p("nuts")), item(p("bolts")), more="")
    body = listed(
        item(p("scope"), p("and more")),
        item(p("parts"), inner),
        item(p("term"), more='text:start-value="7"'),
    )
    body += p("Between.") + listed(
        item(p("on")), more='text:style-name="L" text:continue-numbering="true"'
    )
    body += listed(item(p("again")))

    assert odt_texts(body, styles) == [
        "1. scope", "and more", "2. parts", "2.a) nuts", "2.b) bolts", "7. term", "Between.", "8. on", "1. again",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("figures", "shown"),
    [
        ("I", "I."),
        ("一, 二, 三, ...", "一."),
        ("甲, 乙, 丙, ...", "甲."),
        ("1st, 2nd, 3rd, ...", "1st."),
        ("", ""),
    ],
)
def test_figures_of_lists_are_those_of_their_format(odt_texts, figures, shown):
    styles = f'<text:list-style style:name="L">{level(1, figures)}</text:list-style>'

    assert odt_texts(listed(item(p("x"))), styles) == [f"{shown} x".strip()]


def test_headings_have_the_numbers_of_the_outline(odt_texts):
    levels = level(1, "1", "") + level(2, "1", "", 'text:display-levels="2"')
    levels = levels.replace("list-level-style-number", "outline-level-style")
    outline = f"<text:outline-style>{levels}</text:outline-style>"
    body = "".join(
        f'<text:h text:outline-level="{depth}">{text}</text:h>'
        for depth, text in ((1, "A"), (2, "B"), (2, "C"), (1, "D"))
    )

    assert odt_texts(body, outline) == ["1 A", "1.1 B", "1.2 C", "2 D"]


def test_links_keep_their_addresses_and_contents_are_left_out(odt_texts):
    href = 'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href'
    link = f'<text:a {href}="https://x.org/7">here</text:a>'
    body = f"<text:table-of-content><text:index-body>{p('Forms 4')}</text:index-body></text:table-of-content>"
    body += (
        f'<text:h text:outline-level="1"><text:a {href}="https://x.org/8">Forms</text:a></text:h>'
    )
    body += p(f"The form is {link}.") + p(f'<text:a {href}="#Forms">below</text:a>')

    assert odt_texts(body) == [
        "Forms",
        "https://x.org/8",
        "The form is here (https://x.org/7).",
        "below",
    ]
