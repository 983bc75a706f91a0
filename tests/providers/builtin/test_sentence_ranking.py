"""The leading sentence of a built-in answer."""

import pytest
from support.quotable_passage import Quotable

from providers.builtin.sentence_ranking import best_sentences


def first_line(question: str, *passages: Quotable | str) -> str:
    """Return the leading sentence; texts are passages of a document without a name."""
    given = [
        p if isinstance(p, Quotable) else Quotable(n, p) for n, p in enumerate(passages, start=1)
    ]
    return best_sentences(question, given)[0].text


CONTENTS = [
    "Contents\n\n1 Scope ...... 2\n2 Safety rules ....... 3\n3 Valve replacement .......... 4\n4 Storage ..... 8",
    "1 Scope . . . . . . 2\n2 Safety rules . . . . . . 3\n3 Valve replacement . . . . . . 4",
    "1 Scope 2\n2 Safety rules 3\n3 Valve replacement 4\n4 Storage 8",
    "3 Valve replacement ……………… 4",
    "3 Valve replacement",
]


@pytest.mark.parametrize("contents", CONTENTS)
def test_contents_lines_and_headings_do_not_answer(contents):
    chapter = "3 Valve replacement\n\nClose both taps, undo four bolts and lift the old one out."

    assert first_line("How is a valve replaced?", contents, chapter).startswith("Close both taps")


@pytest.mark.parametrize(
    ("contents", "headings"),
    [
        ("第1章 总则 1\n第2章 安全 2\n第3章 设备检修 4\n第4章 附则 6", []),
        ("总则 1\n设备检修 4", ["目录"]),
        ("第一章 总则……………1\n第三章 设备检修……………4", []),
        ("三、设备检修", []),
        ("设备检修", ["设备检修"]),
    ],
)
def test_chinese_contents_lines_and_headings_do_not_answer(contents, headings):
    chapter = "第3章 设备检修\n\n本章说明设备检修的要求。检修前应切断电源并挂牌。"

    said = first_line(
        "设备检修怎么做？",
        Quotable(1, contents, headings),
        Quotable(2, chapter, ["第3章 设备检修"]),
    )

    assert said == "检修前应切断电源并挂牌。"


def test_contents_lines_alone_are_not_quoted():
    assert best_sentences("How is a valve replaced?", [Quotable(1, CONTENTS[0])]) == []


def test_a_list_of_parts_is_no_table_of_contents():
    assert first_line("How many bolts are needed?", "Bolts 8\nNuts 10\nWashers 12") == "Bolts 8"


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        (
            "广州分公司2022年的住宿费是多少？",
            "适用单位：广州分公司\n执行年度：2022年\n\n住宿费\n\n本章规定住宿费的标准。每人每晚不超过450元。",
            "每人每晚不超过450元。",
        ),
        (
            "How much does the Leeds branch pay for hotels in 2022?",
            "Applies to: Leeds branch\nYear: 2022\n\nHotels\n\n"
            "This chapter sets out hotels. Up to 120 euros are paid a night.",
            "Up to 120 euros are paid a night.",
        ),
        (
            "试用期多长时间？",
            "试用期管理办法。新员工试用期为三个月。试用期内工资按80%发放。",
            "新员工试用期为三个月。",
        ),
        (
            "为什么要断电？",
            "断电操作规程。断电是为了防止触电事故。断电后须验电。",
            "断电是为了防止触电事故。",
        ),
        (
            "Why must the tank be vented?",
            "Tank venting follows the plan. Tanks are vented, because gas would collect. The tank must be steel.",
            "Tanks are vented, because gas would collect.",
        ),
        (
            "Is smoking allowed in the hangar?",
            "Exits are marked. Smoking is not allowed in the hangar.",
            "Smoking is not allowed in the hangar.",
        ),
        (
            "What is the fax number?",
            "Numbers of the office. Phone: 030-765.\nFax: 030-123.",
            "Fax: 030-123.",
        ),
    ],
)
def test_the_sentence_with_the_expected_type_of_answer_leads(question, text, answer):
    assert first_line(question, text) == answer


def test_the_row_of_the_branch_and_year_leads():
    rows = "| 2022 | 上海 | 100万元 |\n| 2023 | 北京 | 170万元 |\n| 2023 | 上海 | 150万元 |"
    table = f"| 年度 | 部门 | 预算 |\n|---|---|---|\n{rows}"

    assert first_line("2023年上海的预算是多少？", table) == "年度: 2023; 部门: 上海; 预算: 150万元"


def test_terms_of_the_document_name_count_for_its_sentences():
    text = "Rooms are {} euros a night."
    named = [
        Quotable(n, text.format(100 + n), document_name=f"{city} 2022.pdf")
        for n, city in enumerate(["Leeds", "Lyon"], 1)
    ]

    assert (
        first_line("How much is a room in Lyon in 2022?", *named) == "Rooms are 102 euros a night."
    )


def test_a_traditional_passage_answers_a_simplified_question_unchanged():
    text = "採購標準\n\n本章規定採購的標準。單價五萬元以下由部門主管核准。密碼遺失請洽機房。"

    assert first_line("谁核准五万元以下的采购？", text) == "單價五萬元以下由部門主管核准。"
