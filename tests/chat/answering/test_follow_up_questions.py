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
def test_questions_that_lean_on_what_was_said(question):
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
def test_questions_that_stand_alone(question):
    assert not is_follow_up(question)
    assert with_earlier_questions(question, ["What of the tail?"]) == StandaloneQuery(question)


def test_the_question_before_comes_along():
    found = with_earlier_questions(
        "And its drag?",
        ["How long is the tail of the aeroplane?", "How does lift grow with higher speed?"],
    )

    assert found == StandaloneQuery(
        "And its drag?", ("How does lift grow with higher speed?",), "rule"
    )
    assert found.text == "And its drag? (How does lift grow with higher speed?)"


def test_where_that_one_leans_too_the_one_before_it_comes_along():
    found = with_earlier_questions(
        "Why?",
        ["Who wrote the rules of the library?", "How heavy is the wing of it all?", "And in 2020?"],
    )

    assert found.earlier == ("And in 2020?", "How heavy is the wing of it all?")


def test_in_chinese_it_is_shown_as_chinese_is_written():
    assert (
        with_earlier_questions("那2020年呢？", ["公司2019年的总收入是多少？"]).text
        == "那2020年呢？（公司2019年的总收入是多少？）"
    )


def test_with_nothing_before_it_a_question_is_as_it_is():
    assert with_earlier_questions("Why?", []) == StandaloneQuery("Why?")


def test_a_long_question_comes_along_in_part():
    assert len(with_earlier_questions("Why?", ["word " * 1000]).text) < 320
