"""Stored sentences are translated into the reader's language."""

import json

from django.utils.translation import override

from web.sentences import Sentence, listed, read_again

MISSING = "There is no chat model “%(model)s”. Choose another model."


def test_a_sentence_is_formatted_in_the_active_language():
    sentence = Sentence(MISSING, {"model": "qwen3:4b"})

    with override("zh-hans"):
        chinese = str(sentence)

    assert str(sentence) == "There is no chat model “qwen3:4b”. Choose another model."
    assert chinese == "没有对话模型“qwen3:4b”，请另选一个。"


def test_a_stored_sentence_is_formatted_when_read():
    kept = json.loads(json.dumps(Sentence(MISSING, {"model": "m"}).kept))

    with override("zh-hans"):
        assert read_again(kept) == "没有对话模型“m”，请另选一个。"


def test_plain_text_is_unchanged():
    assert read_again("100 % full") == "100 % full"
    assert str(Sentence("100 % full")) == "100 % full"


def test_a_list_is_joined_with_the_separator_of_the_language():
    both = Sentence("%(names)s", {"names": ["a", "b"]})

    with override("zh-hans"):
        assert str(both) == listed(["a", "b"]) == "a、b"
    assert str(both) == "a, b"
