import pytest

from language.tokens import count_tokens


def test_chinese_costs_more_than_english():
    assert count_tokens("升力") == pytest.approx(1.2)
    assert count_tokens("lift") == pytest.approx(1.2)


def test_parts_add_up_to_the_whole():
    whole = "Lift 升力 грузит 🎉 café"

    assert sum(map(count_tokens, whole)) == pytest.approx(count_tokens(whole))


def test_a_broken_character_is_no_error():
    assert count_tokens("\ud800") > 0
