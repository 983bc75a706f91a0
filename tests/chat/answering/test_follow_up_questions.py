"""The rule for follow-up questions: detection, and earlier questions in the query."""

import pytest

from chat.answering.query_rewriting import StandaloneQuery, is_follow_up, with_earlier_questions


@pytest.mark.parametrize(
    "question",
    [
        "And in 2020?",
        "How heavy is it?",
        "Why?",
        "What about the tail of the aeroplane in cold weather?",
        "Is there another way to measure the angle of attack?",
        "那2020年呢？",
        "它的重量是多少？",
        "为什么？",
        "還有其他方法可以測量機翼的攻角嗎？",
        "后者的续航里程是多少公里？",
    ],
)
def test_a_question_that_refers_back_is_a_follow_up(question):
    assert is_follow_up(question)


@pytest.mark.parametrize(
    "question",
    [
        "How does the lift of a wing grow with speed?",
        "Which documents mention the boundary layer of swept wings?",
        "每位读者一次最多可以借几本书？",
        "读者应该怎样办理图书续借手续？",
        "图书馆的吉他课程什么时候开始报名？",
        "其实机翼的升力随速度怎样变化？",
    ],
)
def test_a_complete_question_is_no_follow_up(question):
    assert not is_follow_up(question)
    assert with_earlier_questions(question, ["What of the tail?"]) == StandaloneQuery(question)


def test_a_follow_up_is_searched_with_the_previous_question():
    found = with_earlier_questions(
        "And its drag?",
        ["How long is the tail of the aeroplane?", "How does lift grow with higher speed?"],
    )

    assert found == StandaloneQuery(
        "And its drag?", ("How does lift grow with higher speed?",), "rule"
    )
    assert found.text == "And its drag? (How does lift grow with higher speed?)"


def test_a_previous_follow_up_adds_the_question_before():
    found = with_earlier_questions(
        "Why?",
        ["Who wrote the rules of the library?", "How heavy is the wing of it all?", "And in 2020?"],
    )

    assert found.earlier == ("And in 2020?", "How heavy is the wing of it all?")


def test_a_chinese_query_is_shown_with_full_width_signs():
    assert (
        with_earlier_questions("那2020年呢？", ["公司2019年的总收入是多少？"]).text
        == "那2020年呢？（公司2019年的总收入是多少？）"
    )


def test_a_follow_up_without_history_is_unchanged():
    assert with_earlier_questions("Why?", []) == StandaloneQuery("Why?")


def test_a_long_earlier_question_is_cut():
    assert len(with_earlier_questions("Why?", ["word " * 1000]).text) < 320
