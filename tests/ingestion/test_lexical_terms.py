from ingestion.lexical_terms import (
    MAX_TERMS,
    TERM_SPACE,
    document_weights,
    query_terms,
    sparse_vector,
    term_id,
)


def test_a_term_has_one_fixed_id_per_workspace():
    assert term_id(7, "wing") == term_id(7, "wing") == 54027832
    assert term_id(7, "wing") != term_id(8, "wing")


def test_term_ids_fit_the_index():
    numbers = [term_id(2**127 + 5, f"term{number}") for number in range(2000)]

    assert all(1 <= number <= TERM_SPACE for number in numbers)
    assert len(set(numbers)) == 2000


def test_frequent_terms_weigh_more_within_a_limit():
    once, often = document_weights("wing", salt=1), document_weights("wing " * 50, salt=1)
    number = term_id(1, "wing")

    assert once[number] < often[number] < 2.2 * 2


def test_terms_of_a_long_text_weigh_less():
    number = term_id(1, "wing")

    assert (
        document_weights("wing " + "other words " * 300, salt=1)[number]
        < document_weights("wing", salt=1)[number]
    )


def test_chinese_and_english_of_the_same_length_in_tokens_weigh_alike():
    english = document_weights("wing" + "x" * 400, salt=1)
    chinese = document_weights("翼" + "一二三四五六七八九十" * 20, salt=1)

    assert abs(max(english.values()) - chinese[term_id(1, "翼")]) < 0.1


def test_the_most_frequent_terms_are_kept_up_to_the_limit():
    text = "wing wing " + " ".join(f"word{number}x" for number in range(MAX_TERMS + 500))

    weights = document_weights(text, salt=1)

    assert len(weights) <= MAX_TERMS
    assert term_id(1, "wing") in weights


def test_weights_are_stored_under_the_numbers_of_the_terms():
    assert (
        sparse_vector({5: 1.5, TERM_SPACE: 2.0}).to_text()
        == f"{{5:1.5,{TERM_SPACE}:2.0}}/{TERM_SPACE}"
    )


def test_question_and_document_share_term_ids():
    asked = {term_id(1, term) for term in query_terms("Which wings stall?")}

    assert asked <= document_weights("The wing stalls.", salt=1).keys()
