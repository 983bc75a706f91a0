"""Workbooks: tables, their headers, and cells as people see them."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from support.office_files import NAMES, RELATIONS, package, relations

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import Options


@pytest.fixture
def workbook(read, written):
    """Read a workbook that a function fills with openpyxl."""

    def workbook(fill: Callable[[Any], None]) -> Any:
        import openpyxl

        book = openpyxl.Workbook()
        fill(book)
        file = io.BytesIO()
        book.save(file)
        return read(written("a.xlsx", file.getvalue()))

    return workbook


def test_each_table_has_its_header_and_a_line_with_its_place(workbook, outline):
    def fill(book):
        sheet = book.active
        sheet.title = "Orders"
        for row in (
            ["Orders of May"],
            ["Region", None, "Amount"],
            ["North", None, 12],
            ["South", None, 7.5],
        ):
            sheet.append(row)
        sheet["E9"], sheet["F9"], sheet["E10"], sheet["F10"] = "Name", "Phone", "Ada", "0123"

    assert outline(workbook(fill)) == [
        ("heading1", "Orders"),
        ("caption", "Orders!A2:C4: Region, Amount"),
        ("caption", "Orders of May"),
        ("table", "| Region | Amount |\n| --- | --- |\n| North | 12 |\n| South | 7.5 |"),
        ("caption", "Orders!E9:F10: Name, Phone"),
        ("table", "| Name | Phone |\n| --- | --- |\n| Ada | 0123 |"),
    ]


def test_merged_cells_are_filled_and_a_header_over_two_rows_becomes_one(workbook):
    def fill(book):
        sheet = book.active
        rows = [
            ["A wide title"],
            ["Part", "2024", None],
            [None, "Q1", "Q2"],
            ["Valve", 1, 2],
            [None, 3, 4],
        ]
        for row in rows:
            sheet.append(row)
        for area in ("A1:C1", "A2:A3", "B2:C2", "A4:A5"):
            sheet.merge_cells(area)

    elements = workbook(fill).elements

    assert elements[-2].text == "A wide title"
    assert (
        elements[-1].text
        == "| Part | 2024 Q1 | 2024 Q2 |\n| --- | --- | --- |\n| Valve | 1 | 2 |\n| Valve | 3 | 4 |"
    )


def test_hidden_sheets_are_marked_and_comments_and_charts_are_read(workbook, outline):
    def fill(book):
        from openpyxl.chart import BarChart, Reference
        from openpyxl.comments import Comment

        book.active["A1"] = "Shown"
        sheet = book.create_sheet("Draft")
        for row in (["Year", "Ducks"], [2023, 280], [2024, 310]):
            sheet.append(row)
        sheet["B3"].comment = Comment("As counted in May", "Ada")
        sheet.sheet_state = "hidden"
        chart = BarChart()
        chart.title = "Ducks seen"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
        sheet.add_chart(chart, "D1")

    texts = [text for _kind, text in outline(workbook(fill))]

    assert texts[:3] == ["Sheet", "Shown", "Draft (hidden)"]
    assert texts[-2:] == ["B3 (Ada): As counted in May", "Ducks seen"]


def test_a_discussion_is_read_once_with_authors_and_dates(read, written):
    main, threads = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "urn:threads"
    sheets, note = (
        '<sheets><sheet name="S" r:id="r1"/></sheets>',
        "<text><t>[Threaded comment] So few?</t></text>",
    )
    told = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{RELATIONS}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            ("r1", "worksheet", "s.xml"), ("r2", "person", "people.xml")
        ),
        "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData><row><c><v>7</v></c></row></sheetData></worksheet>',
        "xl/_rels/s.xml.rels": relations(
            ("r1", "comments", "notes.xml"), ("r2", "threadedComment", "threads.xml")
        ),
        "xl/people.xml": f'<personList xmlns="{threads}"><person id="{{1}}" displayName="Mei Lin"/></personList>',
        "xl/notes.xml": f'<comments xmlns="{main}"><authors><author>tc={{9}}</author></authors><commentList>'
        f'<comment ref="A1" authorId="0">{note}</comment></commentList></comments>',
        "xl/threads.xml": f'<ThreadedComments xmlns="{threads}"><threadedComment ref="A1" dT="2026-06-18T17:12:37.41"'
        ' personId="{1}"><text>So few?</text></threadedComment><threadedComment ref="A1" personId="{2}">'
        "<text>It rained.</text></threadedComment></ThreadedComments>",
    }

    texts = [element.text for element in read(written("a.xlsx", package("xlsx", told))).elements]

    assert texts == ["S", "7", "A1 (Mei Lin, 2026-06-18): So few?", "A1: It rained."]


def test_a_distant_cell_costs_nothing(workbook):
    def fill(book):
        book.active["A1"], book.active["XFD1"], book.active["A2"], book.active["XFD1048576"] = (
            "a",
            "b",
            1,
            "end",
        )

    elements = workbook(fill).elements

    assert [element.text for element in elements[1:]] == [
        "Sheet!A1:XFD2: a, b",
        "| a | b |\n| --- | --- |\n| 1 | |",
        "end",
    ]


def test_too_many_cells_are_refused_with_the_limit(read, fixtures):
    with pytest.raises(UnreadableDocument, match="exceeds the limit of 20 filled cells") as refusal:
        read("budget.xlsx", options=Options(max_cells=20))

    assert refusal.value.code == "too_large"


def test_empty_columns_and_a_false_size_change_nothing(read, written):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = "".join(f'<c r="{letters}2" s="1"/>' for letters in ("AAA", "XFD"))
    sheet = (
        f'<worksheet xmlns="{main}"><dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384"/></cols>'
        f'<sheetData><row r="1"><c t="inlineStr"><is><t>only</t></is></c></row><row r="2">{cells}</row></sheetData>'
        "</worksheet>"
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" {NAMES}><sheets><sheet name="S" r:id="rId1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": relations(("rId1", "worksheet", "worksheets/sheet1.xml")),
        "xl/worksheets/sheet1.xml": sheet,
    }

    parsed = read(written("a.xlsx", package("xlsx", parts)))

    assert [element.text for element in parsed.elements] == ["S", "only"]


@pytest.mark.parametrize("reference", ["-1", "../..", "部2", "2", " ", "A-2"])
def test_a_cell_without_a_reference_follows_the_previous_cell(read, written, reference):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    first, second = (
        "".join(f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>' for place, text in cells)
        for cells in ([("A1", "a"), ("B1", "b")], [("A2", "1"), (reference, "2")])
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" {NAMES}><sheets><sheet name="S" r:id="rId1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": relations(("rId1", "worksheet", "worksheets/sheet1.xml")),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData><row r="1">{first}</row>'
        f'<row r="2">{second}</row></sheetData></worksheet>',
    }

    parsed = read(written("a.xlsx", package("xlsx", parts)))

    assert parsed.elements[-1].text == "| a | b |\n| --- | --- |\n| 1 | 2 |"


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ('"Nr. "@', "A12", "Nr. A12"),
        ('0;-0;0;"("@")"', "none", "(none)"),
        ("0.00", "none", "none"),
        ("@", "x", "x"),
    ],
)
def test_a_text_is_shown_in_the_text_section_of_its_format(workbook, code, value, shown):
    def fill(book):
        book.active["A1"] = value
        book.active["A1"].number_format = code

    assert workbook(fill).elements[-1].text == shown


def test_a_number_in_a_format_with_general_is_no_date(workbook):
    def fill(book):
        sheet = book.active
        for place, code in enumerate(
            ('General"台"', "GENERAL", "[Red]General", "General_)", '"Nr. "General'), start=1
        ):
            sheet.cell(place, 1, 1450).number_format = code

    assert [element.text for element in workbook(fill).elements[1:]] == [
        "1450台",
        "1450",
        "1450",
        "1450",
        "Nr. 1450",
    ]


def test_a_formula_without_a_result_is_shown_itself(workbook):
    def fill(book):
        for row in (
            ["item", "total"],
            ["pump", "=2*10"],
            ["sum", "=SUM(B2:B2)"],
            ["new", "=_xlfn.XLOOKUP(A2,A:A,B:B)"],
        ):
            book.active.append(row)

    assert workbook(fill).elements[-1].text == (
        "| item | total |\n| --- | --- |\n| pump | =2*10 |\n| sum | =SUM(B2:B2) |\n| new | =XLOOKUP(A2,A:A,B:B) |"
    )


def test_a_formula_shows_its_result_even_if_the_result_is_empty(read, written):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = (
        '<c t="str"><f>IF(1,"","")</f><v></v></c><c><f>1+1</f><v>2</v></c>'
        '<c t="str"><f>"a"&amp;"b"</f><v>ab</v></c>'
    )
    sheets = '<sheets><sheet name="S" r:id="rId1"/></sheets>'
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" {NAMES}>{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": relations(("rId1", "worksheet", "s.xml")),
        "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData><row>{cells}</row></sheetData></worksheet>',
    }

    assert read(written("a.xlsx", package("xlsx", parts))).elements[-1].text == "2 | ab"


def test_links_of_cells_keep_their_addresses(workbook):
    def fill(book):
        sheet = book.active
        for row in (
            ["what", "where"],
            ["form", "here"],
            ["call", '=HYPERLINK("https://example.org/7","Manual 7")'],
        ):
            sheet.append(row)
        sheet["B2"].hyperlink = "https://example.org/form?a=1&b=2"
        sheet["A3"].hyperlink = "#Sheet!B2"
        sheet["A2"].hyperlink = "file:///c:/secret.txt"

    assert workbook(fill).elements[-1].text == (
        "| what | where |\n| --- | --- |\n| form | here (https://example.org/form?a=1&b=2) |\n"
        "| call | Manual 7 (https://example.org/7) |"
    )


@pytest.mark.data
def test_formulas_and_links_of_a_small_real_workbook_are_shown(read, real_data):
    text = read(real_data / "cases" / "03-xlsx_c-formula-nocache.xlsx").elements[-1].text

    assert "| pump | 2 | 10 | =B2*C2 |" in text
    assert "| sum | | | =SUM(D2:D3) |" in text
    assert "Manual 7 (https://example.org/manual)" in text
    assert "see (https://" in text
