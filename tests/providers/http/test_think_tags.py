import time

import pytest

from providers.http.think_tags import ThinkTags
from providers.protocols import Reasoning, Text, TextWasReasoning


def split(*pieces: str, begins_thinking: bool = False, complete: bool = True) -> tuple[str, str]:
    """Return the reasoning and the text."""
    tags = ThinkTags(begins_thinking=begins_thinking)
    thought, said = "", ""
    for event in [event for piece in pieces for event in tags.feed(piece)] + tags.finish(
        complete=complete
    ):
        match event:
            case Reasoning(text):
                thought += text
            case Text(text):
                said += text
            case TextWasReasoning():
                thought, said = thought + said, ""
    return thought, said


WHOLE = "<think>\nWhy not?\n</think>\n\nIt is blue, as <think> shows."


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 9, 13, 100])
def test_tags_are_recognized_in_pieces_of_any_size(size):
    pieces = [WHOLE[start : start + size] for start in range(0, len(WHOLE), size)]

    assert split(*pieces) == ("\nWhy not?\n", "It is blue, as <think> shows.")


@pytest.mark.parametrize(
    "text", ["", "It is blue.", "1 < 2 and <b> and </thi", "<thin ice", " \n<", "a <think>b</i>"]
)
def test_text_without_a_thought_is_unchanged(text):
    assert split(text) == ("", text)
    assert split(*text) == ("", text)


@pytest.mark.parametrize(
    "text", ["Why not?</think>It is blue.", "<think>Why not?</think>It is blue."]
)
def test_an_answer_begins_with_a_thought_if_the_template_opens_the_tag(text):
    assert split(*text, begins_thinking=True) == ("Why not?", "It is blue.")


def test_a_complete_answer_without_a_closing_tag_is_text():
    assert split("It is ", "blue.", begins_thinking=True)[1] == "It is blue."


def test_a_cut_answer_without_a_closing_tag_is_reasoning():
    assert split("It is ", "blue.", begins_thinking=True, complete=False) == ("It is blue.", "")


UNOPENED = [
    ("I think about [1] pumps. The user wants speed.</think>Pumps [2].", "Pumps [2]."),
    ("It may be.\n</think>\n\nIt is.", "It is."),
    ("用户想知道水泵。</think>\n\n水泵有两种。", "水泵有两种。"),
    ("Use `x` here.\n```\ny = 1\n```\nDone. </think> The answer.", "The answer."),
    ("Hm.</thinking>Blue.", "Blue."),
    ("Hm.</seed:think>Blue.", "Blue."),
    ("Hm.◁/think▷Blue.", "Blue."),
    ("It is 'blue'</think>Blue.", "Blue."),
]


@pytest.mark.parametrize(("text", "answer"), UNOPENED)
def test_text_before_an_unopened_closing_tag_is_reasoning(text, answer):
    for size in (1, 2, 3, 5, 8, 13, 1000):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]

        thought, said = split(*pieces)

        assert said == answer
        assert text.startswith(thought)
        assert thought


def test_text_is_streamed_before_a_late_closing_tag():
    tags = ThinkTags()

    assert tags.feed("It may be.") == [Text("It may be.")]
    assert tags.feed("</think>\nIt is.") == [TextWasReasoning(), Text("It is.")]


@pytest.mark.parametrize("blank", ["", "\n", "\n\n"])
def test_the_closing_tag_of_an_empty_thought_is_removed(blank):
    assert split(f"{blank}</think>\n\nBlue.")[1] == "Blue."


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<thinking>", "</thinking>"),
        ("<Thinking>", "</Thinking>"),
        ("<thought>", "</thought>"),
        ("◁think▷", "◁/think▷"),
        ("<seed:think>", "</seed:think>"),
        ("[THINK]", "[/THINK]"),
        ("<reasoning>", "</reasoning>"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
    ],
)
def test_all_spellings_of_tags_are_recognized(opening, closing):
    text = f"\n{opening}Why < not? </b>{closing}\n\nBlue {opening}."

    for size in (1, 2, 3, 7, 100):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        assert split(*pieces) == ("Why < not? </b>", f"Blue {opening}.")


HARMONY = "<|channel|>analysis<|message|>Why <|x| not?<|end|><|start|>assistant"


@pytest.mark.parametrize(
    ("text", "thought", "said"),
    [
        (
            HARMONY + "<|channel|>final<|message|>Blue < red.<|return|>",
            "Why <|x| not?",
            "Blue < red.",
        ),
        (
            "<|start|>assistant" + HARMONY + "<|channel|>final<|message|>Blue.",
            "Why <|x| not?",
            "Blue.",
        ),
        (
            HARMONY
            + "<|channel|>commentary to=x <|constrain|>json<|message|>{}<|call|><|channel|>final<|message|>B",
            "Why <|x| not?{}",
            "B",
        ),
        ("<|channel|>final <|constrain|>text<|message|>Blue.<|end|>", "", "Blue."),
        ("<|channel|>analysis<|message|>Why", "Why", ""),
    ],
)
def test_raw_channels_are_split_into_reasoning_and_answer(text, thought, said):
    for size in (1, 2, 3, 5, 11, 1000):
        assert split(*[text[start : start + size] for start in range(0, len(text), size)]) == (
            thought,
            said,
        )


@pytest.mark.parametrize(
    "text",
    [
        "Write `<think>x</think>` there.",
        "Write `</think>` there.",
        "Write ``a`</think>`` there.",
        "```\n<think>x\n</think>\n```\nLike this.",
        "So:\n~~~xml\nx</think>\n~~~\nLike this.",
        "Models write “</think>” at the end.",
        'Models write "</think>" at the end.',
        "模型在末尾写「</think>」。",
        "The </think> tag ends it.",
        "First <think> and then </think> are written.",
        "As in <b>this</b> or </thin>.",
    ],
)
def test_a_tag_that_is_quoted_stays_in_the_answer(text):
    for size in (1, 2, 3, 5, 8, 1000):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        assert split(*pieces) == ("", text)
        assert split("<think>hm</think>", *pieces) == ("hm", text)


def test_a_tag_quoted_in_a_thought_does_not_end_the_thought():
    text = "<think>They write `<think>x</think>` or `</think>`.</think>Yes."

    for size in (1, 2, 3, 9, 1000):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        assert split(*pieces) == ("They write `<think>x</think>` or `</think>`.", "Yes.")


@pytest.mark.parametrize("begins_thinking", [True, False])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think></think>Blue.", "Blue."),
        ("<think>\n\n</think>\n\nBlue.", "Blue."),
        ("</think>\n\nBlue.", "Blue."),
        ("Blue.", "Blue."),
        ("Blue.</think>Red.", "Blue.</think>Red."),
    ],
)
def test_with_a_separate_field_only_empty_tags_are_removed(begins_thinking, text, said):
    for pieces in ([text], text):
        tags = ThinkTags(begins_thinking=begins_thinking)
        tags.thoughts_come_apart()
        events = [*(event for piece in pieces for event in tags.feed(piece)), *tags.finish()]
        assert "".join(event.text for event in events if isinstance(event, Text)) == said


def test_a_long_answer_full_of_tags_is_read_in_little_time():
    began = time.process_time()
    split(*["`</think>` < ["] * 20_000)

    assert time.process_time() - began < 2


def test_an_unclosed_thought_is_reasoning():
    assert split("<think>Why", " not <") == ("Why not <", "")


def test_an_empty_thought_has_no_events():
    assert split("<think>\n\n</think>\n\nBlue.") == ("\n\n", "Blue.")


def test_thoughts_are_streamed():
    tags = ThinkTags()

    assert tags.feed("<think>Why") == [Reasoning("Why")]
    assert tags.feed(" not?") == [Reasoning(" not?")]
    assert tags.feed("</think>Blue") == [Text("Blue")]
    assert tags.feed(" < red") == [Text(" < red")]
