"""Interface texts use the words of other products and contain no removed phrase.

The tests check the English texts of the catalogue, which contains all texts of pages, errors and
the terminal.
"""

import re
from pathlib import Path

import polib
import pytest
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext, override

CATALOGUE = Path(__file__).resolve().parents[1] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
# A word or phrase, and the text to write instead.
BANNED = {
    r"whoever|whatever|whichever": "name the subject",
    r"somebody|anybody|nobody|everybody": "users, members, everyone, no one",
    r"anew|besides": "again, in addition to",
    r"of (its|their) own": "separate",
    r"fell silent|gave no sign|said nothing|went wrong here": "did not respond",
    r"rests? on": "come from, use",
    r"being read|was done|goes on|looked at|took it": "processing, history, continues, checked",
    r"(is|are|was|were) (already )?here( already)?": "already exists",
    r"make (the|your|a) (account|workspace|token|group)": "create …",
    r"cannot be told|is told|said above|say (which|where|what)": "see …",
    r"word for word|by meaning|by words": "quotes only, semantic, keyword",
    r"speaks? as": "…-compatible",
    r"in line|put off|broken off": "queue, postponed, interrupted",
    r"left out|leave (it|them) out": "skipped, off",
    r"pictures?": "image",
    r"chunks?(?! (size|overlap))": "passage",
    r"(left|means?|leave) empty|empty means": "leave blank",
    r"(may|to) (be )?asked? again|ask again": "try again, regenerate",
    r"present password|set-up": "current password, setup",
    r"does not answer|did not answer": "is not responding",
    r"the original": "original file",
}
ALLOWED = {
    "Used by workspaces that have no model of their own.",
    "The text of this PDF cannot be read, because its fonts do not map to characters. Export it again from the"
    " original and upload that.",
}
ENGLISH = sorted(
    {
        text
        for entry in polib.pofile(str(CATALOGUE))
        for text in (entry.msgid, entry.msgid_plural)
        if text
    }
)


@pytest.mark.parametrize("phrase", BANNED)
def test_no_text_contains_a_removed_phrase(phrase: str):
    pattern = re.compile(rf"\b({phrase})\b", re.IGNORECASE)

    found = [text for text in ENGLISH if pattern.search(text) and text not in ALLOWED]

    assert found == [], f"write instead: {BANNED[phrase]}"


def test_chinese_texts_use_one_word_for_each_term():
    chinese = [entry.msgstr or entry.msgstr_plural[0] for entry in polib.pofile(str(CATALOGUE))]

    assert [
        text
        for text in chinese
        if re.search("向量化|置顶|读者|摘引|再问一次|名称结尾|任何(状态|类型)", text)
    ] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Enter a number of at most 9."), ("zh-hans", "请输入不大于 9 的数字。")],
)
def test_texts_of_django_use_the_words_of_the_interface(language: str, text: str):
    with override(language):
        assert (
            gettext("Ensure this value is less than or equal to %(limit_value)s.")
            % {"limit_value": 9}
            == text
        )


def test_a_short_password_is_reported_in_chinese():
    with override("zh-hans"):
        assert MinimumLengthValidator(8).get_error_message() == "密码太短，至少需要 8 个字符。"
