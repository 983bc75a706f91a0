"""Bytes whose encoding nobody names."""

import pytest

from ingestion.parsing.encodings import decode

SIMPLIFIED = "会议定于星期三下午三点在二楼举行。"
TRADITIONAL = "會議定於星期三下午三點在二樓舉行,請準時出席。"
JAPANESE = "会議は水曜日の午後三時から二階で行います。"
KOREAN = "회의는 수요일 오후 세 시에 이 층에서 합니다."
RUSSIAN = "Совещание состоится в среду в три часа дня на втором этаже нашего здания."
FRENCH = "La réunion aura lieu à l'étage : voilà où nous déjeunerons, après les élèves."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "gb18030"),
        ("你好", "gb18030"),
        ("姓名,年龄\n张三,30\n", "gb18030"),
        (TRADITIONAL, "big5"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (KOREAN, "euc_kr"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (FRENCH, "cp1252"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "utf-16"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
        (FRENCH, "utf-32-le"),
    ],
)
def test_the_text_comes_out_as_it_went_in(text, encoding):
    assert decode(text.encode(encoding)).lstrip("\ufeff") == text


def test_one_chinese_line_in_a_long_english_text_decides():
    text = "A long preamble in English.\n" * 200 + SIMPLIFIED

    assert decode(text.encode("gb18030")) == text


def test_utf_8_with_a_broken_byte_stays_utf_8():
    data = (SIMPLIFIED * 5).encode() + b"\xff" + SIMPLIFIED.encode()

    assert decode(data) == SIMPLIFIED * 5 + "\ufffd" + SIMPLIFIED


def test_a_declared_encoding_counts_unless_the_bytes_deny_it():
    assert decode("привет".encode("koi8_r"), declared="KOI8-R") == "привет"
    assert decode("привет".encode(), declared="KOI8-R") == "привет"
    assert decode("привет".encode("koi8_r"), declared="no-such-encoding")


def test_nothing_is_undecodable():
    assert isinstance(decode(bytes(range(256))), str)


@pytest.mark.parametrize(
    "declared", ["idna", "punycode", "undefined", "zlib", "unicode_escape", "rot13", "hex", "\x00"]
)
def test_what_is_declared_but_no_encoding_of_documents_is_not_heard(declared):
    assert decode("naïve .. \\u0041".encode("cp1252"), declared=declared) == "naïve .. \\u0041"
