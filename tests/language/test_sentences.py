import time

import pytest

from language.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It flies. It lands!", ["It flies.", "It lands!"]),
        ("他来了。你呢？走吧！", ["他来了。", "你呢？", "走吧！"]),
        ("他说：“你好！”然后走了。", ["他说：“你好！”", "然后走了。"]),
        (
            "Dr. Smith saw J. Doe, see Fig. 3. Then he left.",
            ["Dr. Smith saw J. Doe, see Fig. 3.", "Then he left."],
        ),
        ("He works at the U.S. Air Force. Yes.", ["He works at the U.S. Air Force.", "Yes."]),
        ("It costs 3.50 euros. Fine.", ["It costs 3.50 euros.", "Fine."]),
        ("1. First item\n2. Second item", ["1. First item", "2. Second item"]),
        ("| a | b. c |\n| d | e |", ["| a | b. c |", "| d | e |"]),
        ("Title\n\nText", ["Title", "Text"]),
        ("Really?! Yes... no.", ["Really?!", "Yes...", "no."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_text_is_cut_into_sentences(text, expected):
    assert sentences(text) == expected


def test_a_wrapped_line_does_not_end_a_sentence():
    text = "The quick brown fox jumped over the very lazy dog and then it went\non to the next. Then it slept."

    assert len(sentences(text)) == 2


def test_a_short_line_is_a_sentence():
    assert sentences("milk\nbread\nbutter") == ["milk", "bread", "butter"]


@pytest.mark.parametrize("unit", [".", "。", "a", "\n", " ", "a b. ", '.")', "x\n"])
def test_time_is_linear_in_the_length(unit):
    began = time.perf_counter()

    for _span in sentence_spans(unit * 100_000):
        pass

    assert time.perf_counter() - began < 5
