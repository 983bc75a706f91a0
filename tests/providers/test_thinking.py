import pytest

from providers.protocols import Reasoning, Text
from providers.thinking import ThinkTags


def split(*pieces: str, begins_thinking: bool = False, complete: bool = True) -> tuple[str, str]:
    """Return what was thought and what was said."""
    tags = ThinkTags(begins_thinking=begins_thinking)
    events = [event for piece in pieces for event in tags.feed(piece)] + tags.finish(complete=complete)
    thought = "".join(event.text for event in events if isinstance(event, Reasoning))
    return thought, "".join(event.text for event in events if isinstance(event, Text))


WHOLE = "<think>\nWhy not?\n</think>\n\nIt is blue, as <think> shows."


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 9, 13, 100])
def test_tags_may_come_in_pieces_of_any_size(size):
    pieces = [WHOLE[start : start + size] for start in range(0, len(WHOLE), size)]

    assert split(*pieces) == ("\nWhy not?\n", "It is blue, as <think> shows.")


@pytest.mark.parametrize("text", ["", "It is blue.", "1 < 2 and <b> and </thi", "<thin ice", " \n<", "a <think>b</i>"])
def test_text_without_a_thought_is_left_as_it_is(text):
    assert split(text) == ("", text)
    assert split(*text) == ("", text)


@pytest.mark.parametrize("text", ["Why not?</think>It is blue.", "<think>Why not?</think>It is blue."])
def test_a_model_whose_template_opens_the_tag_begins_with_its_thought(text):
    assert split(*text, begins_thinking=True) == ("Why not?", "It is blue.")


def test_one_that_was_expected_to_think_and_never_did_has_answered():
    assert split("It is ", "blue.", begins_thinking=True)[1] == "It is blue."


def test_one_that_ran_out_of_room_while_thinking_has_not():
    assert split("It is ", "blue.", begins_thinking=True, complete=False) == ("It is blue.", "")


def test_the_end_of_a_thought_that_nobody_saw_begin_is_no_text():
    assert split("It may be.", "</th", "ink>", "\n\nIt is.") == ("", "It may be.It is.")


def test_a_thought_that_was_not_ended_stays_a_thought():
    assert split("<think>Why", " not <") == ("Why not <", "")


def test_an_empty_thought_is_none():
    assert split("<think>\n\n</think>\n\nBlue.") == ("\n\n", "Blue.")


def test_thoughts_are_told_while_they_come():
    tags = ThinkTags()

    assert tags.feed("<think>Why") == [Reasoning("Why")]
    assert tags.feed(" not?") == [Reasoning(" not?")]
    assert tags.feed("</think>Blue") == [Text("Blue")]
    assert tags.feed(" < red") == [Text(" < red")]
