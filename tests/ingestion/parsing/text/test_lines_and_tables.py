"""Lines, paragraphs and tables in text without markup."""

import pytest
from support.element_kinds import kind

from ingestion.parsing.plaintext.reader import text_elements
from ingestion.parsing.text.line_joining import joined_lines
from ingestion.parsing.text.tables import table_elements


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["one", "two"], "one two"),
        (["exam-", "ple"], "example"),
        (["post-", "War"], "post- War"),
        (["灯塔", "管理"], "灯塔管理"),
        (["时间是", "9 点"], "时间是 9 点"),
        (["서울은", "수도"], "서울은 수도"),
        (["完。", "Next"], "完。 Next"),
    ],
)
def test_broken_lines_are_joined_to_sentences(lines, text):
    assert joined_lines(lines) == text


def texts(text: str) -> list[str]:
    return [element.text for element in text_elements(text)]


def test_wrapped_lines_are_one_paragraph():
    wrapped = (
        "The keeper of the lighthouse climbs the stairs every evening at\n"
        "dusk and lights the lamp, which then burns until the morning of\n"
        "the next day."
    )

    assert texts(wrapped) == [wrapped.replace("\n", " ")]


def test_short_lines_stay_lines_and_long_ones_are_paragraphs():
    poem = "Roses are red\nViolets are blue"
    paragraphs = [
        f"This is a long paragraph number {number} that goes on for quite a while without end. " * 3
        for number in range(3)
    ]

    assert texts(poem) == [poem]
    assert len(texts("\n".join(paragraphs))) == 3


def test_items_of_lists_stay_separate():
    listed = (
        "- the first item of a list which is nearly as long as the others are\n"
        "- the second item of a list which is nearly as long as others are"
    )

    assert texts(listed) == listed.split("\n")


def test_many_chapters_in_one_block_are_as_many_headings():
    elements = list(text_elements("\n".join(f"Chapter {number}\nText." for number in range(3000))))

    assert len(elements) == 6000
    assert (kind(elements[0]), elements[0].text) == ("heading1", "Chapter 0")


def test_a_long_table_is_one_element():
    rows = [["Name", "Number"], *([f"n{row}", str(row)] for row in range(450))]

    (element,) = table_elements(rows)

    assert element.text.startswith("| Name | Number |\n| --- | --- |\n| n0 | 0 |")
    assert element.text.count("\n") == 451


def test_bars_in_cells_do_not_cut_them_and_empty_rows_are_skipped():
    (table,) = table_elements([["a|b", "c"], [], ["", ""], ["1", "2", "3"]])

    assert table.text == "| a\\|b | c | |\n| --- | --- | --- |\n| 1 | 2 | 3 |"


def test_a_single_row_is_text_and_single_cells_above_are_captions():
    (row,) = table_elements([["a", "b"]])

    assert (kind(row), row.text) == ("paragraph", "a | b")
    assert [kind(element) for element in table_elements([["Title"], ["a", "b"], ["1", "2"]])] == [
        "caption",
        "table",
    ]
