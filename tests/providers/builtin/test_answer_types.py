import time

import pytest

from providers.builtin.answer_types import answer_type


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("How many bolts are needed?", "number"),
        ("How long is the notice period?", "size"),
        ("How long does a repair take?", "duration"),
        ("Within how many days are receipts handed in?", "duration"),
        ("How much is the deposit?", "money"),
        ("What is the daily allowance?", "money"),
        ("What percentage is withheld?", "percentage"),
        ("In which year was the plant built?", "year"),
        ("When does the shop close?", "date"),
        ("How tall is the tower?", "size"),
        ("Who approves the order?", "person"),
        ("Where is the key kept?", "place"),
        ("Why is the valve shut?", "reason"),
        ("What is a flange?", None),
        ("Is smoking allowed?", None),
        ("住宿费标准是多少？", "money"),
        ("这台设备多少钱？", "money"),
        ("試用期多長時間？", "duration"),
        ("发票几天内提交？", "duration"),
        ("税率是多少？", "percentage"),
        ("公司哪一年成立？", "year"),
        ("什么时候施行？", "date"),
        ("塔有多高？", "size"),
        ("库存有多少台？", "number"),
        ("由谁批准？", "person"),
        ("單據交到哪裡？", "place"),
        ("为什么要断电？", "reason"),
        ("设备检修怎么做？", None),
        ("几何是什么？", None),
    ],
)
def test_the_question_determines_the_type_of_answer(question, name):
    kind = answer_type(question)

    assert (kind.name if kind else None) == name


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        (
            "How much is the deposit?",
            "It is 200 euros, paid in cash.",
            "It is paid within 14 days.",
        ),
        ("押金多少钱？", "每台交纳三百元。", "押金在14日内退还。"),
        ("How long does a repair take?", "About three weeks.", "Repairs cost 40 euros."),
        ("多久更换一次？", "每六个月更换一次。", "更换费用为200元。"),
        ("What percentage is withheld?", "They keep 12 % of it.", "They keep 12 of them."),
        (
            "In which year was it built?",
            "Work began in 1987.",
            "Work began in the south on 12 May.",
        ),
        ("公司哪一年成立？", "成立于一九九八年。", "成立于3月12日。"),
        ("When does it take effect?", "From 1 March.", "From the board."),
        ("什么时候施行？", "自2022年3月1日起施行。", "由人事部解释。"),
        ("How many bolts are needed?", "Eight bolts, all new.", "Bolts are not reused."),
        ("Who approves it?", "It goes to Anna Kowalska.", "It goes through at once."),
        ("由谁批准？", "报张伟批准。", "批准后方可订票。"),
        ("Where is the key kept?", "In the drawer of room 12.", "It is kept for a day."),
        ("钥匙放在哪里？", "放在三楼值班室。", "用后归还。"),
        ("Why is the valve shut?", "Because gas would collect.", "Gas is heavy."),
        ("为什么要断电？", "以免触电。", "须先验电。"),
    ],
)
def test_a_sentence_with_an_answer_of_the_type_is_recognized(question, answer, other):
    kind = answer_type(question)

    assert kind.found_in(answer, question)
    assert not kind.found_in(other, question)


def test_a_year_in_the_question_does_not_count_as_a_date():
    question = "When do the rules for 2022 take effect?"

    assert not answer_type(question).found_in("The rules for 2022 apply to all.", question)


@pytest.mark.parametrize(
    "unit", ["1", "一", "A", "Aa ", "多少", "how much is the ", "在", "€", "1,", "· ", "张"]
)
def test_long_runs_cost_milliseconds(unit):
    began = time.process_time()
    for question in (
        "谁？",
        "Where?",
        "When?",
        "How much is it?",
        "多久？",
        "为什么？",
        unit * 1_000,
    ):
        kind = answer_type(question)
        assert kind is None or kind.found_in((unit * 600)[:600], "") in {True, False}

    assert time.process_time() - began < 1
