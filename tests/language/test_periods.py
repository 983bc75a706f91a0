"""Periods in file names, title pages and questions."""

import pytest

from language.periods import Period, asks_for_latest, periods

THIRD_QUARTER = Period(2023, 7, 9)


@pytest.mark.parametrize(
    "text",
    [
        "Q3 2023",
        "2023 Q3 AAPL",
        "AAPL_2023_Q3",
        "report-2023Q3",
        "3Q 2023",
        "the third quarter of 2023",
        "Third-quarter fiscal 2023",
        "2023年第三季度报告",
        "2023年三季报",
        "2023年3季度",
        "２０２３年第三季度",
    ],
)
def test_all_spellings_of_a_quarter_give_one_period(text):
    assert periods(text) == [THIRD_QUARTER]


@pytest.mark.parametrize(
    "text",
    [
        "September 2023",
        "Sept. 30, 2023",
        "2023-09",
        "2023.09.30",
        "20230930",
        "2023年9月",
        "2023年09月30日",
    ],
)
def test_a_date_gives_its_month(text):
    assert periods(text) == [Period(2023, 9, 9)]


@pytest.mark.parametrize("text", ["2018", "FY2018", "fiscal 2018", "3M_2018_10K", "2018年年度报告"])
def test_a_year_alone_gives_the_whole_year(text):
    assert periods(text) == [Period(2018)]


@pytest.mark.parametrize(
    "text", ["", "ISO 19001", "12345678", "20181399", "Room 2051b", "page 3 of 9", "三个月"]
)
def test_other_numbers_give_no_period(text):
    assert periods(text) == []


@pytest.mark.parametrize(
    "text", ["ſep 2023", "firſt quarter 2023", "FİRST QUARTER 2023", "fırst quarter 2023"]
)
def test_letters_that_only_case_folding_makes_equal_are_read(text):
    assert [period.year for period in periods(text)] == [2023]


def test_periods_come_in_the_order_of_the_text():
    assert periods("2024 after Q3 2023, before May 2022") == [
        Period(2024),
        THIRD_QUARTER,
        Period(2022, 5, 5),
    ]


def test_the_ends_of_periods_can_be_compared():
    ends = [period.end for period in periods("2022, Q1 2023, May 2023, 2023")]

    assert ends == sorted(ends) == [202212, 202303, 202305, 202312]


@pytest.mark.parametrize(
    "question",
    [
        "in the latest 10-Q",
        "its most recent report",
        "the newest contract",
        "最新的年报",
        "最近一期季报",
    ],
)
def test_a_question_for_the_latest_is_recognized(question):
    assert asks_for_latest(question)


@pytest.mark.parametrize(
    "question",
    [
        "current assets",
        "the last page",
        "recent years",
        "近三年收入",
        "by May at the latest",
        "the latest time to check out",
    ],
)
def test_other_questions_do_not_ask_for_the_latest(question):
    assert not asks_for_latest(question)
