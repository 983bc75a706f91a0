"""Sentences that are kept: said in the language of whoever reads them, not of whoever met them."""

import json

from django.utils.translation import override

from web.sentences import Sentence, listed, read_again

MISSING = "The model server at %(host)s has no model “%(model)s”. Choose another one."


def test_a_sentence_is_said_in_the_language_of_the_moment():
    sentence = Sentence(MISSING, {"host": "lab", "model": "qwen3:4b"})

    with override("zh-hans"):
        chinese = str(sentence)

    assert str(sentence) == "The model server at lab has no model “qwen3:4b”. Choose another one."
    assert chinese == "lab 的模型服务器没有模型“qwen3:4b”，请另选一个。"


def test_a_stored_sentence_reads_the_same():
    kept = json.loads(json.dumps(Sentence(MISSING, {"host": "lab", "model": "m"}).kept))

    with override("zh-hans"):
        assert read_again(kept) == "lab 的模型服务器没有模型“m”，请另选一个。"


def test_plain_text_is_unchanged():
    assert read_again("100 % full") == "100 % full"
    assert str(Sentence("100 % full")) == "100 % full"


def test_a_list_is_said_as_the_language_says_lists():
    both = Sentence("%(names)s", {"names": ["a", "b"]})

    with override("zh-hans"):
        assert str(both) == listed(["a", "b"]) == "a、b"
    assert str(both) == "a, b"
