"""Terms and weights of whole documents."""

from collections import Counter

import pytest

from ingestion.document_terms import (
    MAX_TITLE_PAGE_CHARACTERS,
    Identity,
    identity_query,
    text_weights,
    title_page,
)
from ingestion.lexical_terms import MAX_TERMS, term_id


def is_identified(identity: Identity, question: str) -> bool:
    ids = {term_id(1, term) for term in identity_query(question)}
    return ids <= identity.weights(salt=1).keys()


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("2023 Q3 AAPL.pdf", "AAPL Q3 2023"),
        ("3M_FY2018_10-K.pdf", "3M 10K 2018"),
        ("reports/AnnualReport2021.docx", "annual report 2021"),
        ("合同-2023年第三季度.pdf", "2023年第三季度"),
        ("Prüfbericht_Pumpe.pdf", "pruefbericht pumpe"),
    ],
)
def test_a_name_is_found_in_other_spellings(name, question):
    assert is_identified(Identity(name, "", ""), question)


def test_title_and_title_page_identify_a_document():
    identity = Identity(
        "scan0001.pdf", "Form 10-Q", "INTEL CORPORATION\nfor the period ended July 1, 2023"
    )

    assert is_identified(identity, "Intel Form 10-Q July 2023")
    assert not is_identified(identity, "Apple")


def test_text_after_the_title_page_does_not_identify_a_document():
    page = title_page(["Apple", "word " * MAX_TITLE_PAGE_CHARACTERS, "Intel"], 5_000)

    assert is_identified(Identity("a.pdf", "", page), "Apple")
    assert not is_identified(Identity("a.pdf", "", page), "Intel")


def test_a_quarter_of_a_short_text_is_its_title_page():
    assert title_page(["one two three four"], 18) == "one "


def test_a_quarter_in_words_is_a_term_of_the_name():
    asked = {term_id(1, term) for term in identity_query("the third quarter of 2023")}
    named = Identity("2023_Q3.pdf", "", "").weights(salt=1).keys()

    assert len(asked & named) == 3  # The number 2023, the year and the quarter.


@pytest.mark.parametrize(
    ("identity", "period"),
    [
        (Identity("2023 Q3 AAPL.pdf", "Form of 2024", ""), 202309),
        (Identity("AAPL.pdf", "Report 2021 and 2022", "December 31, 2023"), 202212),
        (Identity("AAPL.pdf", "Report", "for the period ended July 1, 2023"), 202307),
        (Identity("AAPL.pdf", "Report", "no date"), None),
    ],
)
def test_the_newest_period_comes_from_name_then_title_then_title_page(identity, period):
    assert identity.newest_period() == period


def test_a_term_weighs_by_its_density():
    short = text_weights(Counter({"wing": 10, "other": 2_990}), salt=1)
    long = text_weights(Counter({"wing": 10, "other": 99_990}), salt=1)

    assert 0 < long[term_id(1, "wing")] < short[term_id(1, "wing")] < 1


def test_a_word_of_a_short_note_weighs_little():
    note = text_weights(Counter({"toner": 1, "other": 12}), salt=1)
    manual = text_weights(Counter({"toner": 80, "other": 9_920}), salt=1)

    assert note[term_id(1, "toner")] < 0.5 * manual[term_id(1, "toner")]


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("example.com/annual-report-2023", "annual report 2023"),
        ("3. Results Q3 2023", "results Q3 2023"),
        ("ACME Corp. Annual Report 2023", "ACME annual report 2023"),
    ],
)
def test_a_name_without_a_suffix_is_kept_whole(name, question):
    assert is_identified(Identity(name, "", ""), question)


def test_a_text_of_many_words_keeps_the_most_frequent():
    counted = Counter({f"word{number}": 1 for number in range(MAX_TERMS + 10)}) + Counter(
        {"wing": 9}
    )

    weights = text_weights(counted, salt=1)

    assert term_id(1, "wing") in weights
    assert len(weights) <= MAX_TERMS
