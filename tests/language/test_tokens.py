import pytest

from language.tokens import DEFAULT_RATES, TokenRates, count_tokens

RATES = TokenRates(letter=1, digit=10, sign=100, accented=1_000, han=10_000, other=100_000)


def test_chinese_costs_more_than_english():
    assert count_tokens("升力") == pytest.approx(1.2)
    assert count_tokens("lift") == pytest.approx(1.2)


def test_parts_add_up_to_the_whole():
    whole = "Lift 升力 грузит 🎉 café"

    assert sum(map(count_tokens, whole)) == pytest.approx(count_tokens(whole))


def test_a_broken_character_is_no_error():
    assert count_tokens("\ud800") > 0


def test_each_kind_of_character_has_its_rate():
    assert RATES.count("Lift \n") == 6
    assert RATES.count("42") == 20
    assert RATES.count("|-.") == 300
    assert RATES.count("éжλع") == 4_000
    assert RATES.count("升か、，") == 40_000
    assert RATES.count("한ท“🎉\ud800") == 500_000


def test_the_default_rule_is_expressed_as_rates():
    text = "Lift 升力 грузит café (42) 한국"

    assert DEFAULT_RATES.count(text) == pytest.approx(count_tokens(text))


def test_rates_add_up_too():
    whole = "Lift 升力 грузит 🎉 café 42"

    assert sum(map(RATES.count, whole)) == RATES.count(whole)


def test_the_higher_of_two_rates_counts():
    mixed = RATES.at_least(DEFAULT_RATES, 0.001)

    assert mixed == TokenRates(letter=0.3, digit=0.3, sign=0.3, accented=1, han=10, other=100)


def test_rates_can_be_kept():
    assert TokenRates.read(RATES.as_row) == RATES
