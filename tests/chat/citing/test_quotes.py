"""Quotations for claims, and their support."""

import pytest

from chat.citing.quotes import MAX_QUOTE_CHARS, claim_before, quote_for

PASSAGE = (
    "The wing has an aspect ratio of 8. Stall occurs at an angle of attack of 16 degrees. "
    "Below that angle lift grows linearly. The tail is not discussed here."
)


def test_the_claim_is_the_last_sentence_without_its_numbers():
    assert (
        claim_before("Drag falls. Lift grows with speed [1], and so on")
        == "Lift grows with speed, and so on"
    )
    assert claim_before("升力随速度增加。阻力下降【1】。") == "阻力下降。"


def test_a_short_last_sentence_is_joined_with_the_previous_one():
    assert (
        claim_before("Lift grows linearly with the angle. Always.")
        == "Lift grows linearly with the angle. Always."
    )


def test_an_empty_text_has_no_claim():
    assert claim_before("") == ""


def test_the_sentence_that_bears_the_claim_is_quoted():
    quote = quote_for("The wing stalls at an angle of attack of 16 degrees", PASSAGE)

    assert quote.text == "Stall occurs at an angle of attack of 16 degrees."
    assert quote.support == 1.0


def test_two_neighbours_are_quoted_if_both_bear_the_claim():
    quote = quote_for("Lift grows linearly until it stalls at 16 degrees angle of attack", PASSAGE)

    assert (
        quote.text
        == "Stall occurs at an angle of attack of 16 degrees. Below that angle lift grows linearly."
    )


def test_a_simplified_claim_quotes_traditional_characters_unchanged():
    quote = quote_for(
        "开通帐号须在三个工作日内完成", "密碼遺失請洽機房。帳號開通須於三個工作日內完成。其他從略。"
    )

    assert quote.text == "帳號開通須於三個工作日內完成。"
    assert quote.support > 0.8


def test_a_claim_that_the_passage_does_not_bear_has_no_support():
    assert quote_for("Bananas ripen quickly", PASSAGE).support == 0


def test_chinese_is_quoted_by_its_own_sentences():
    quote = quote_for(
        "攻角达到十六度时失速", "机翼展弦比为八。攻角达到十六度时发生失速。尾翼不在此讨论。"
    )

    assert quote.text == "攻角达到十六度时发生失速。"
    assert quote.support is not None
    assert quote.support > 0.7


def test_support_is_unknown_across_languages():
    assert quote_for("攻角达到16度时失速", PASSAGE).support is None
    assert "16 degrees" in quote_for("攻角达到16度时失速", PASSAGE).text


@pytest.mark.parametrize(
    "passage", [PASSAGE, "word " * 2_000, "没有标点" * 500, "", "   ", "a\n\nb"]
)
@pytest.mark.parametrize("claim", ["lift grows", "", "…", "没有"])
def test_a_quote_is_always_cut_from_the_passage(claim, passage):
    quote = quote_for(claim, passage)

    assert quote.text in passage
    assert len(quote.text) <= MAX_QUOTE_CHARS


def test_a_second_claim_adds_its_words_in_the_order_of_the_passage():
    tail = quote_for("The tail is not discussed", PASSAGE)
    ratio = quote_for("The wing has an aspect ratio of 8", PASSAGE)

    both = tail.with_more(ratio)

    assert both.text == "The wing has an aspect ratio of 8. … The tail is not discussed here."
    assert both == ratio.with_more(tail)


def test_neighbours_are_quoted_as_one():
    stall = quote_for("Stall occurs at 16 degrees angle", PASSAGE)
    linear = quote_for("Below that, lift grows linearly", PASSAGE)

    assert linear.with_more(stall).text in PASSAGE
    assert stall.with_more(stall) == stall


def test_support_of_several_claims_is_the_lowest():
    good = quote_for("The wing stalls at an angle of attack of 16 degrees", PASSAGE)
    bad = quote_for("Bananas ripen quickly at 16 degrees", PASSAGE)
    unknown = quote_for("攻角达到16度时失速", PASSAGE)

    assert good.support is not None
    assert bad.support is not None
    assert good.with_more(bad).support == bad.support < good.support
    assert unknown.with_more(good).support == good.support


def test_a_joined_quotation_has_a_maximum_length():
    passage = " ".join(
        f"Sentence {n} speaks of {word * 30}."
        for n, word in enumerate("abcdefghijklmnopqrstuvwxyz" * 5)
    )
    quote = quote_for("Sentence 0", passage)
    for n in range(130):
        quote = quote.with_more(quote_for(f"Sentence {n}", passage))

    assert 1000 < len(quote.text) < 1800
