"""Storable text, and titles of documents."""

import pytest
from support.element_kinds import kind

from ingestion.parsing.elements import CodeSnippet, NarrativeText, Title, make_element, page_number
from ingestion.parsing.text.characters import clean_text, clean_verbatim
from ingestion.parsing.text.cleaning import clean_elements, sensible_title, title_of


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("before\x00\x01after\x07", "beforeafter"),
        ("a  b\u00a0\tc \r\n d\u2028e", "a b c\nd\ne"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffmark", "softhyphen zerowidth mark"),
        ("lone \ud800 half, whole \ud83d\ude00", "lone half, whole 😀"),
        ("cafe\u0301", "café"),
        ("ﬁle ﬂow ⽂件", "file flow 文件"),
        ("１２３ ½ ㎏", "１２３ ½ ㎏"),
    ],
)
def test_clean_text_is_composed_and_free_of_unstorable_characters(dirty, clean):
    assert clean_text(dirty) == clean


def test_code_keeps_its_white_space():
    assert clean_verbatim("if x:\r\n    y\x00") == "if x:\n    y"


def test_elements_without_text_are_dropped_and_headings_are_one_line():
    elements = clean_elements(
        [
            make_element(NarrativeText, " \x00 "),
            make_element(CodeSnippet, "\n  \n"),
            make_element(Title, "One\nTwo ", 3, 2),
            make_element(Title, "x" * 400, 3, 2),
        ]
    )

    assert [(kind(element), element.text, page_number(element)) for element in elements] == [
        ("heading2", "One Two", 3),
        ("paragraph", "x" * 400, 3),
    ]


@pytest.mark.parametrize(
    "junk",
    [
        "",
        None,
        "untitled",
        "Untitled Document 1",
        "无标题文档",
        "Microsoft Word - draft.doc",
        "C:\\temp\\report_final.docx",
        "PowerPoint Presentation",
        "幻灯片 1",
        "12345",
        "UG",
        "\ufffd\ufffd\ufffd",
        "x" * 300,
    ],
)
def test_a_title_made_up_by_a_program_is_dropped(junk):
    assert sensible_title(junk) == ""


@pytest.mark.parametrize(
    "title", ["Annual Report 2025", "年度报告", "Microsoft Word - Handbook", "C++ in 10 days"]
)
def test_a_meaningful_title_is_kept(title):
    assert sensible_title(title) == title.removeprefix("Microsoft Word - ")


def test_without_metadata_the_first_heading_names_the_document():
    elements = [
        make_element(NarrativeText, "x"),
        make_element(Title, "Minor", level=2),
        make_element(Title, "Major", level=1),
    ]

    assert title_of("untitled", elements) == "Major"
    assert title_of("Given", elements) == "Given"
    assert title_of("", elements[:2]) == ""
