import asyncio
import re

import pytest

from providers.builtin.extractive import Extractive
from providers.protocols import ChatRequest

LIFT = "Lift grows with the square of the speed. It is measured in newtons. The wing is made of aluminium."
STALL = "The wing stalls at an angle of attack of 16 degrees. Then lift is lost."
BREAD = "Bread is baked from flour and water."


def cited(answer: str) -> list[int]:
    return [int(number) for number in re.findall(r"(?<!\\)\[(\d+)\]", answer)]


async def test_the_best_sentence_is_quoted_and_cited(ask):
    assert await ask("At what angle does the wing stall?", BREAD, STALL, LIFT) == (
        "The wing stalls at an angle of attack of 16 degrees. [2]"
    )


async def test_a_chinese_question_is_answered_from_chinese_passages(ask):
    answer = await ask(
        "机翼在什么攻角失速？",
        "面包由面粉和水制成。",
        "升力随速度增加。机翼在攻角达到十六度时失速。",
        language="zh-hans",
    )

    assert answer == "机翼在攻角达到十六度时失速。 [2]"


async def test_several_sentences_become_a_list_each_with_its_number(ask):
    answer = await ask(
        "What does a reader borrow?",
        "A reader may borrow twelve books.",
        "A reader may borrow maps, too.",
    )

    lines = answer.split("\n")
    assert len(lines) == 2
    assert all(line.startswith("- ") for line in lines)
    assert sorted(cited(answer)) == [1, 2]


async def test_at_most_four_sentences_are_quoted(ask):
    passages = [
        f"The pump number {number} moves water of kind {number * 7}." for number in range(12)
    ]

    assert len(cited(await ask("Which pump moves water?", *passages))) <= 4


async def test_equal_sentences_are_quoted_once(ask):
    assert len(cited(await ask("When does the wing stall?", STALL, STALL, STALL))) == 1


async def test_a_sentence_with_a_reference_is_quoted_with_the_previous_one(ask):
    answer = await ask("In what is it measured, in newtons?", LIFT)

    assert answer == "Lift grows with the square of the speed. It is measured in newtons. [1]"


async def test_every_quoted_sentence_is_in_its_cited_passage(ask):
    passages = [LIFT, STALL, BREAD]

    answer = await ask("What about the lift of a wing at high speed?", *passages)

    for line in answer.split("\n"):
        quoted, number = re.fullmatch(r"(?:- )?(.+) \[(\d)\]", line).groups()
        assert quoted in passages[int(number) - 1]


@pytest.mark.parametrize("passages", [[], [BREAD], ["", " \n "], ["!!!"]])
async def test_an_answer_without_fitting_passages_cites_nothing(ask, passages):
    answer = await ask("At what angle does the wing stall?", *passages)

    assert "nothing about this" in answer
    assert cited(answer) == []


async def test_the_sentence_without_results_is_in_the_language_of_the_question(ask):
    assert (
        await ask("机翼在什么攻角失速？", BREAD, language="zh-hans")
        == "在文档中找到的段落没有谈到这个问题。"
    )


@pytest.mark.parametrize("question", ["", "?!", "the", "x" * 10_000, "wing " * 2_000])
async def test_unusual_questions_get_an_answer(ask, question):
    assert await ask(question, LIFT, STALL)


async def test_a_bracketed_number_in_a_document_is_not_a_citation(ask):
    answer = await ask("How does lift grow?", "Lift grows with speed [7], as 【3】 shows.")

    assert cited(answer) == [1]


async def test_a_row_of_a_table_is_quoted_with_its_columns(ask):
    table = "| part | price |\n|---|---|\n| bolt | 2 euros |\n| wing mirror | 90 euros |"

    assert (
        await ask("What is the price of the wing mirror?", table)
        == "part: wing mirror; price: 90 euros [1]"
    )


async def test_markup_at_the_beginning_of_a_line_is_removed(ask):
    assert (
        await ask("Which bolts are needed?", "- Eight bolts are needed.")
        == "Eight bolts are needed. [1]"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# Wing bolts are torqued.", "\\# Wing bolts are torqued."),
        ("> Wing bolts are torqued.", "\\> Wing bolts are torqued."),
        ("3. Wing bolts are torqued.", "3\\. Wing bolts are torqued."),
        ("*Wing* bolts are __torqued__.", "\\*Wing\\* bolts are \\_\\_torqued\\_\\_."),
        ("Wing bolts are `torqued` ~~twice~~.", "Wing bolts are \\`torqued\\` \\~\\~twice\\~\\~."),
        (
            "Wing bolts: see [here](https://a.example).",
            "Wing bolts: see \\[here](https://a.example).",
        ),
        ("![Wing](a.png) bolts are torqued.", "!\\[Wing](a.png) bolts are torqued."),
        (
            "Wing bolts &lt;M6&gt; cost <https://a.example>.",
            "Wing bolts \\&lt;M6\\&gt; cost \\<https://a.example>.",
        ),
        (
            "Wing bolts are in C:\\*.txt or \\\\srv.",
            "Wing bolts are in C:\\\\\\*.txt or \\\\\\srv.",
        ),
        (
            "Wing bolts: 3 * 4 = 12, MAX_TOKENS, 5~10 & [x].",
            "Wing bolts: 3 * 4 = 12, MAX_TOKENS, 5~10 & [x].",
        ),
    ],
)
async def test_only_markdown_syntax_of_a_document_is_escaped(ask, text, written):
    assert await ask("Which wing bolts are torqued?", text) == f"{written} [1]"


async def test_a_question_in_another_interface_language_is_still_answered(ask):
    assert await ask("At what angle does the wing stall?", BREAD, language="xx")


async def test_a_stream_can_be_closed_after_any_piece():
    stream = Extractive().stream(ChatRequest([], "What is lost?", [], "en"))
    await anext(stream)

    await stream.aclose()

    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_other_tasks_run_during_a_stream(ask):
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    watching = asyncio.ensure_future(other())
    await ask("At what angle does the wing stall?", STALL)
    watching.cancel()

    assert turns > 3
