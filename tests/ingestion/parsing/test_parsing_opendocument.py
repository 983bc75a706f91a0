"""OpenDocument spreadsheets, presentations and the tables in texts, from markup as LibreOffice writes it."""

import pytest
from officefiles import opendocument


@pytest.fixture
def said(read, written, outline):
    """Kinds and texts of a document of this kind with this body."""

    def said(kind: str, body: str, styles: str = "") -> list[tuple[str, str]]:
        return outline(read(written("a.bin", opendocument(kind, body, styles))))

    return said


def cell(text: str, properties: str = "", kind: str = "table-cell") -> str:
    inside = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:{kind} {properties}>{inside}</table:{kind}>"


def row(*cells: str, properties: str = "") -> str:
    return f"<table:table-row {properties}>{''.join(cells)}</table:table-row>"


def test_a_sheet_is_a_table_in_which_dates_and_merged_cells_are_told(said):
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
    empty = row(cell("", 'table:number-columns-repeated="16384"'), properties='table:number-rows-repeated="1048576"')
    body = f'<table:table table:name="S">{row(cell("a"), cell("b"))}{empty}{row(cell("c"), cell("d"))}</table:table>'

    assert said("spreadsheet", body) == [
        ("heading1", "S"),
        ("paragraph", "a | b"),
        ("paragraph", "c | d"),
    ]


def test_comments_of_a_sheet_and_hidden_sheets_are_told(said):
    noted = "<table:table-cell><office:annotation><text:p>Check this</text:p></office:annotation><text:p>7</text:p>"
    body = f'<table:table table:name="Draft" table:style-name="h">{row(cell(""), noted + "</table:table-cell>")}'
    style = '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'

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

    assert said("presentation", body) == [("heading1", "Why"), ("list_item", "One"), ("paragraph", "Say it")]


def test_merged_cells_in_a_text_are_filled(said):
    covered = cell("", kind="covered-table-cell")
    body = "<table:table>" + row(cell("Part"), cell("2024", 'table:number-columns-spanned="2"'), covered)
    body += row(cell("Valve", 'table:number-rows-spanned="2"'), cell("1"), cell("2"))
    body += row(covered, cell("3"), cell("4")) + "</table:table>"

    wanted = "| Part | 2024 | 2024 |\n| --- | --- | --- |\n| Valve | 1 | 2 |\n| Valve | 3 | 4 |"
    assert said("text", body) == [("table", wanted)]


def test_an_old_workbook_reads_as_a_new_one(read, outline):
    assert outline(read("budget.xls")) == outline(read("budget.xlsx"))
