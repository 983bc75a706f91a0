import pytest

from language.scripts import is_shouting, language_of, latin_share, unspaced_share


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How does lift grow?", "en"),
        ("升力如何增加？", "zh-hans"),
        ("RCEP具体包括哪些国家", "zh-hans"),
        ("What does 梵文 mean in the history of linguistics?", "en"),
        ("Wie wächst der Auftrieb?", "en"),
        ("", "en"),
        ("123", "en"),
    ],
)
def test_the_script_of_a_question_determines_the_language(text, language):
    assert language_of(text) == language


def test_shares_count_letters_only():
    assert unspaced_share("梵文, 2026!") == 1.0
    assert latin_share("wing, 2026!") == 1.0
    assert latin_share("") == unspaced_share("") == 0.0


@pytest.mark.parametrize("text", ["MEASUREMENT OF DIELECTRIC CONSTANTS", "THIS IS A TEST."])
def test_several_words_in_capitals_are_shouting(text):
    assert is_shouting(text)


@pytest.mark.parametrize(
    "text", ["WHO", "IT POLICY", "RCEP 具体包括哪些国家 ABC DEF", "A Test Of Things", ""]
)
def test_names_in_capitals_are_not_shouting(text):
    assert not is_shouting(text)
