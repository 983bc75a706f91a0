"""Columns of prose are read in sequence for any order in the file; tables stay tables."""

import re
from itertools import count
from pathlib import Path
from textwrap import wrap

import pytest
from support.library_documents import assemble

from ingestion.parsing.layout import Line, Page, elements_of

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
STORIES = [
    "Guards walk the fence twice each night and report by radio. If a lamp fails they call the electrician who"
    " comes within 40 minutes. The pressure of the boiler is checked when it falls below four bar and the "
    "valve is then opened by hand.",
    "Drivers leave the key with the porter when they park inside. A lorry may stay for 30 minutes at the ramp "
    "and must then move to the yard. Forklifts carry at most 1,200 kg and their load is tied down before they "
    "drive over the bridge.",
    "Visitors wear a badge and are met by their host at the gate. They sign the book and give the badge back "
    "when they leave. Groups of more than 12 people need a guide who knows the alarm plan and the way to the "
    "meeting point.",
    "The canteen opens at 11 and closes at 14. Soup costs 3 euros and bread is free for those who bring their "
    "own bowl. Tables are wiped after each meal. Trays go back to the hatch where they are washed and dried "
    "for the next shift.",
]


def page_of(columns: list[list[str]], *, told: str, offset: float) -> bytes:
    """A page of columns, stored by column or by row, each `offset` lower than the one before."""
    places = [
        (number, row, 40 + 500 // len(columns) * number, 760 - 11 * row - offset * number, text)
        for number, column in enumerate(columns)
        for row, text in enumerate(column)
    ]
    if told == "by rows":
        places.sort(key=lambda place: (place[1], place[0]))
    content = " ".join(
        f"BT /F1 9 Tf 1 0 0 1 {left} {height} Tm ({text}) Tj ET"
        for _n, _row, left, height, text in places
    )
    return assemble(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            " /Resources << /Font << /F1 5 0 R >> >> >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
            FONT,
        ]
    )


@pytest.mark.parametrize("offset", [0, 3, 5, 14])
@pytest.mark.parametrize("told", ["by columns", "by rows"])
@pytest.mark.parametrize(("count", "width"), [(2, 28), (2, 50), (3, 24), (3, 30), (4, 18), (4, 22)])
def test_sentences_in_columns_stay_whole(read, written, count, width, told, offset):
    columns = [wrap(story, width) for story in STORIES[:count]]

    elements = read(written("news.pdf", page_of(columns, told=told, offset=offset))).elements

    assert {element.type for element in elements} == {"NarrativeText"}
    text = " ".join(" ".join(element.text.split()) for element in elements)
    for story in STORIES[:count]:
        assert all(sentence in text for sentence in re.findall(r"[A-Z][^.]+\.", story))


@pytest.mark.parametrize("told", ["by columns", "by rows"])
def test_three_short_columns_are_no_table(read, written, told):
    columns = [
        ["Guards walk the fence", "twice each night and", "report by radio."],
        ["Drivers leave the key", "with the porter when", "they park inside."],
        ["Visitors wear a badge", "and are met by their", "host at the gate."],
    ]

    elements = read(written("short.pdf", page_of(columns, told=told, offset=0))).elements

    assert [element.text for element in elements] == [" ".join(column) for column in columns]


def kinds(rows: list[list[str]], *, step: float = 14, pitch: float = 150) -> list[tuple[str, str]]:
    lines = [
        Line(
            text,
            left,
            left + (10 if text[0] > "\u3000" else 5) * len(text),
            700 - step * row,
            10,
            bold=False,
        )
        for row, cells in enumerate(rows)
        for left, text in zip(count(40, pitch), cells)
        if text
    ]
    return [(element.category, element.text) for element in elements_of([Page(lines)])]


def test_columns_of_chinese_prose_are_no_table():
    rows = [
        ["保安每晚沿围墙巡视两次，", "司机把钥匙交给门卫以后，", "访客应佩戴证件并由接待"],
        ["并用电台报告情况。灯具损", "方可把车辆停在厂区里面。", "人员在大门口迎接，离开时"],
        ["坏时立即通知电工到场修", "货车在坡道停留不得超过三", "交还证件。人数较多的团体"],
        ["理，并在值班簿上写明。", "十分钟，之后开往后院。", "须由熟悉警报的人员带领。"],
    ]

    found = kinds(rows)

    assert all(kind != "Table" for kind, _text in found)
    assert "灯具损坏时立即通知电工到场修理，并在值班簿上写明。" in "".join(
        text for _kind, text in found
    )


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["Bird", "Weight", "Nests"],
            ["Grey heron", "1.5 kg", "12"],
            ["Barn owl", "2 kg", "3"],
            ["Wren", "9 g", "40"],
        ],
        [
            ["part", "material", "supplier"],
            *([f"seal {n}", "nitrile rubber, black", "miller and sons ltd"] for n in range(6)),
        ],
        [
            ["设备", "型号", "数量"],
            ["离心水泵", "甲型三号", "十二台"],
            ["冷却风机", "乙型一号", "四台"],
            ["阀门", "丙型", "六只"],
        ],
        [
            ["Limit", "Who decides", "What must be shown"],
            ["100 EUR", "Head of the team", "a receipt of the shop"],
            ["1,000 EUR", "Head of the department", "two offers in writing"],
            ["10,000 EUR", "Board of directors", "three offers in writing"],
        ],
    ],
)
def test_rows_that_do_not_run_on_are_a_table(rows):
    (found,) = kinds(rows)

    assert found[0] == "Table"
    assert all(text in found[1] for row in rows for text in row)


def test_a_table_of_long_cells_with_labels_stays_a_table():
    cells = [
        ["Amortization", "Amortization charges of the assets", "We exclude the charges for these"],
        ["", "consist of the intangible part that", "assets because they do not tell how"],
        ["", "was acquired with the combination.", "the current business has performed."],
        [
            "Restructuring",
            "Restructuring charges are costs of",
            "We exclude the costs of plans that",
        ],
        ["", "a formal plan and are related to the", "are changed in later periods because"],
        ["", "severance of employees.", "they do not show the performance."],
    ]

    assert [kind for kind, _text in kinds(cells, pitch=190)] == ["Table"]


@pytest.mark.data
def test_a_page_of_three_columns_is_read_column_by_column(read, real_data: Path):
    parsed = read(real_data / "cases" / "05-pdf_o-min-3col.pdf")

    assert [element.text for element in parsed.elements] == [
        "Guards walk the fence twice each night and report by radio.",
        "Drivers leave the key with the porter when they park inside.",
        "Visitors wear a badge and are met by their host at the gate.",
    ]
