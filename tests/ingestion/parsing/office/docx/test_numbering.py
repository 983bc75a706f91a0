"""Numbers of clauses in Word documents: every kind of list as Word shows it."""

import re

import pytest
from support.office_files import docx, paragraph, row, table


@pytest.fixture
def texts(read, written, outline):
    """Texts of a document made of this markup."""

    def texts(body: str, **parts: str) -> list[str]:
        return [text for _kind, text in outline(read(written("a.docx", docx(body, **parts))))]

    return texts


def lvl(depth: int, kind: str, text: str, more: str = "", start: int | None = 1) -> str:
    begins = "" if start is None else f'<w:start w:val="{start}"/>'
    return f'<w:lvl w:ilvl="{depth}">{begins}<w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def pattern(*levels: str, key: int = 0) -> str:
    return f'<w:abstractNum w:abstractNumId="{key}">{"".join(levels)}</w:abstractNum>'


def num(number: int, key: int = 0, more: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{key}"/>{more}</w:num>'


def listed(text: str, level: int | None = 0, number: int = 1, mark: str = "") -> str:
    depth = "" if level is None else f'<w:ilvl w:val="{level}"/>'
    properties = f'<w:numPr>{depth}<w:numId w:val="{number}"/></w:numPr>{f"<w:rPr>{mark}</w:rPr>" if mark else ""}'
    return paragraph(text, properties)


@pytest.mark.parametrize(
    ("words", "shown"),
    [("注：", "注： x"), ("——", "—— x"), ("示例：", "示例： x"), ("Note:", "Note: x")],
)
def test_a_level_without_numbers_keeps_its_words(texts, words, shown):
    assert texts(listed("x"), numbering=pattern(lvl(0, "none", words)) + num(1)) == [shown]


def test_a_level_without_numbers_adds_nothing_to_the_levels_below(texts):
    lists = pattern(
        lvl(0, "none", ""),
        lvl(1, "decimal", "%1%2"),
        lvl(2, "decimal", "%1%2.%3"),
        lvl(3, "decimal", "%1%2.%3.%4"),
    )
    body = "".join(
        listed(text, level) for text, level in (("a", 1), ("b", 1), ("c", 2), ("d", 3), ("e", 1))
    )

    assert texts(listed("Part") + body, numbering=lists + num(1)) == [
        "Part",
        "1 a",
        "2 b",
        "2.1 c",
        "2.1.1 d",
        "3 e",
    ]


def test_bullets_in_between_add_nothing_to_the_levels_below(texts):
    lists = pattern(
        lvl(0, "decimal", "%1"), lvl(1, "bullet", "o"), lvl(2, "decimal", "%1.%2.%3")
    ) + num(1)

    assert texts(listed("a") + listed("b", 1) + listed("c", 2), numbering=lists) == [
        "1 a",
        "b",
        "1..1 c",
    ]


def test_a_list_that_a_style_defines_has_its_numbers(texts):
    lists = (
        '<w:abstractNum w:abstractNumId="4"><w:numStyleLink w:val="Own"/></w:abstractNum>'
        '<w:abstractNum w:abstractNumId="5"><w:styleLink w:val="Own"/>'
        f"{lvl(0, 'lowerLetter', '%1)')}{lvl(1, 'lowerRoman', '%1.%2')}</w:abstractNum>"
    )
    body = listed("x") + listed("y") + listed("z", 1)

    assert texts(body, numbering=lists + num(1, 4) + num(2, 5)) == ["a) x", "b) y", "b.i z"]


def test_the_level_of_a_paragraph_is_that_of_its_style(texts):
    lists = pattern(
        lvl(0, "decimal", "%1", '<w:pStyle w:val="h1"/>'),
        lvl(1, "decimal", "%1.%2", '<w:pStyle w:val="h2"/>'),
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{key}"/><w:pPr><w:numPr><w:numId w:val="1"/>'
        "</w:numPr></w:pPr></w:style>"
        for key in ("h1", "h2")
    )
    body = "".join(
        paragraph(text, f'<w:pStyle w:val="{key}"/>')
        for text, key in (("a", "h1"), ("b", "h2"), ("c", "h2"))
    )

    assert texts(body, numbering=lists + num(1), styles=styles) == ["1 a", "1.1 b", "1.2 c"]


def test_numbers_of_a_legal_level_are_decimal(texts):
    lists = pattern(
        lvl(0, "chineseCountingThousand", "第%1章"),
        lvl(1, "upperRoman", "%1.%2", "<w:isLgl/>"),
        lvl(2, "lowerLetter", "%3)"),
    )

    assert texts(listed("a") + listed("b", 1) + listed("c", 2), numbering=lists + num(1)) == [
        "第一章 a",
        "1.1 b",
        "a) c",
    ]


def test_levels_continue_or_restart_as_defined(texts):
    lists = pattern(
        lvl(0, "decimal", "%1"),
        lvl(1, "decimal", "%1.%2", '<w:lvlRestart w:val="0"/>'),
        lvl(2, "decimal", "%3"),
    )
    more = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    body = "".join(listed(text, level) for text, level in (("a", 0), ("b", 1), ("c", 0), ("d", 1)))

    assert texts(body + listed("e", 0, 2) + listed("f", 0, 1), numbering=lists + num(1) + num(2, 0, more)) == [
        "1 a", "1.1 b", "2 c", "2.2 d", "7 e", "3 f",
    ]  # fmt: skip


def test_a_level_without_a_start_begins_with_zero(texts):
    lists = pattern(lvl(0, "decimalZero", "%1", start=None)) + num(1)

    assert texts(listed("a") + listed("b"), numbering=lists) == ["00 a", "01 b"]


def test_figures_of_three_digits_are_padded(texts):
    own = '<w:numFmt w:val="custom" w:format="001, 002, 003, ..."/>'
    usual = '<w:numFmt w:val="decimal"/>'
    choice = f'<mc:Choice Requires="w14">{own}</mc:Choice><mc:Fallback>{usual}</mc:Fallback>'
    level = lvl(0, "decimal", "R%1", start=9).replace(
        usual, f"<mc:AlternateContent>{choice}</mc:AlternateContent>"
    )
    lists = pattern(level)

    assert texts(listed("a") + listed("b"), numbering=lists + num(1)) == ["R009 a", "R010 b"]


def test_empty_paragraphs_count_unless_they_are_deleted_or_hidden(texts):
    lists = pattern(lvl(0, "decimal", "%1.")) + num(1)
    body = (
        listed("a")
        + listed("")
        + listed("b")
        + listed("", mark="<w:del/>")
        + listed("", mark="<w:vanish/>")
        + listed("c")
    )

    assert texts(body, numbering=lists) == ["1. a", "3. b", "4. c"]


def test_cells_with_only_a_number_show_the_number(texts):
    lists = pattern(lvl(0, "decimal", "%1")) + num(1)

    found = texts(
        table(row("序号", "名称"), row(listed(""), "泵"), row(listed(""), "阀")), numbering=lists
    )

    assert found == ["| 序号 | 名称 |\n| --- | --- |\n| 1 | 泵 |\n| 2 | 阀 |"]


def test_a_hidden_paragraph_is_neither_shown_nor_counted(texts):
    lists = pattern(lvl(0, "decimal", "%1.")) + num(1)
    hidden = listed("Hidden.", mark="<w:vanish/>").replace(
        "<w:r>", "<w:r><w:rPr><w:vanish/></w:rPr>"
    )

    assert texts(listed("a") + hidden + listed("b"), numbering=lists) == ["1. a", "2. b"]


@pytest.mark.data
def test_every_label_of_a_self_describing_document_is_right(read, real_data, outline):
    parsed = read(
        real_data / "documents" / "normal" / "tika__testWORD_override_list_numbering.docx"
    )

    listed = [
        text.split(" ") for kind, text in outline(parsed) if kind == "list_item" and text != "·"
    ]

    assert len(listed) == 43
    assert [label for label, own in listed] == [re.sub(r"\s", "", own) for label, own in listed]


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "right"),
    [
        (
            "a-none-label",
            ["第一章 Scope", "1.1 Pumps", "Note: keep the valve shut", "（１） wear gloves"],
        ),
        ("b-tracked", ["1. First clause.", "2. Second clause.", "3. Third clause."]),
        (
            "c-stylelink",
            ["a) alpha", "b) beta", "c) cell one | d) cell two", "e) gamma", "a) fresh"],
        ),
    ],
)
def test_labels_of_small_real_documents_are_right(read, real_data, outline, name, right):
    found = [
        text
        for _kind, text in outline(read(real_data / "cases" / f"01-docx-numbering_{name}.docx"))
    ]

    assert [text for text in found if re.match(r"\W?\w+[.)）]|\w+\.\d|第|Note", text)] == right
