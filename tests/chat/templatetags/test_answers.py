"""Filters for the line above a stored answer."""

import pytest

from chat.models import Message
from chat.templatetags.answers import in_one_line, model_label, reasoning_summary, search_summary


def answer(**trace):
    return Message(role=Message.Role.ASSISTANT, trace=trace)


@pytest.mark.parametrize(
    ("trace", "said"),
    [
        ({}, ""),
        ({"search": {"ms": {}}, "prompt": {"passages": 0}}, "No matching passages"),
        ({"search": {"ms": {}}, "prompt": {"passages": 1}}, "Found 1 passage"),
        (
            {"search": {"documents": 1}, "prompt": {"passages": 6, "passages_left_out": 2}},
            "Found 8 passages in 1 document",
        ),
    ],
)
def test_the_summary_counts_passages_and_documents(trace, said):
    assert search_summary(answer(**trace)) == said


def test_a_missing_answer_has_an_empty_summary():
    assert search_summary(None) == ""


def test_the_reasoning_summary_has_measured_seconds():
    assert reasoning_summary(answer(reasoning_ms=12_400)) == "Thought for 12 s"
    assert reasoning_summary(answer(reasoning_ms=80)) == "Thought for 1 s"
    assert reasoning_summary(answer()) == "Thinking process"


def test_a_model_label_omits_the_connection():
    assert model_label("ollama/library/qwen3:8b") == "library/qwen3:8b"
    assert model_label("odd") == "odd"


def test_rows_of_tables_are_shown_on_one_line():
    assert in_one_line("| Books | four weeks |\n| Maps | – |") == "Books · four weeks · Maps · –"
