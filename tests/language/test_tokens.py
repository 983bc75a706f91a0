import pytest

from language.tokens import DEFAULT_RATES, TokenRates, count_tokens

RATES = TokenRates(letter=1, digit=10, sign=100, accented=1_000, han=10_000, other=100_000)


def test_a_chinese_character_has_more_tokens_than_a_letter():
    assert count_tokens("升力") == pytest.approx(1.2)
    assert count_tokens("lift") == pytest.approx(1.2)


def test_counts_of_parts_add_up():
    whole = "Lift 升力 грузит 🎉 café"

    assert sum(map(count_tokens, whole)) == pytest.approx(count_tokens(whole))


def test_a_lone_surrogate_is_counted():
    assert count_tokens("\ud800") > 0


def test_each_kind_of_character_has_its_rate():
    assert RATES.count("Lift \n") == 6
    assert RATES.count("42") == 20
    assert RATES.count("|-.") == 300
    assert RATES.count("éжλع") == 4_000
    assert RATES.count("升か、，") == 40_000
    assert RATES.count("한ท“🎉\ud800") == 500_000


def test_default_rates_equal_count_tokens():
    text = "Lift 升力 грузит café (42) 한국"

    assert DEFAULT_RATES.count(text) == pytest.approx(count_tokens(text))


def test_counts_by_rates_add_up():
    whole = "Lift 升力 грузит 🎉 café 42"

    assert sum(map(RATES.count, whole)) == RATES.count(whole)


def test_the_higher_of_two_rates_applies():
    mixed = RATES.at_least(DEFAULT_RATES, 0.001)

    assert mixed == TokenRates(letter=0.3, digit=0.3, sign=0.3, accented=1, han=10, other=100)


def test_rates_can_be_stored_as_json():
    assert TokenRates.read(RATES.as_row) == RATES
