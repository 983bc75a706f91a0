"""Bytes without a named encoding."""

import pytest

from ingestion.parsing import formats
from ingestion.parsing.detection import detect_media_type
from ingestion.parsing.text.encodings import decode

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
        ("加泰罗尼亚语", "gb18030"),
        ("报价单", "gb18030"),
        ("系統管理員", "big5"),
        ("アカウント", "shift_jis"),
        ("ファイル名", "euc_jp"),
        ("사용자 이름", "euc_kr"),
        (TRADITIONAL, "big5"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (KOREAN, "euc_kr"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859_5"),
        ("Звіт їхньої групи є тут.", "koi8_u"),
        ("Il file inviato è vuoto.", "cp1252"),
        ("Zasedání se koná ve středu ve tři hodiny odpoledne, vezměte si příručky.", "cp1250"),
        ("Für die Prüfung gelten übliche Größen, für Öl höhere.", "cp850"),
        (FRENCH, "cp1252"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "utf-16"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
        (FRENCH, "utf-32-le"),
    ],
)
def test_encoded_text_is_decoded_without_loss(text, encoding):
    assert decode(text.encode(encoding)).lstrip("\ufeff") == text


def test_one_chinese_line_in_a_long_english_text_decides():
    text = "A long preamble in English.\n" * 200 + SIMPLIFIED

    assert decode(text.encode("gb18030")) == text


def test_utf_8_with_a_broken_byte_stays_utf_8():
    data = (SIMPLIFIED * 5).encode() + b"\xff" + SIMPLIFIED.encode()

    assert decode(data) == SIMPLIFIED * 5 + "\ufffd" + SIMPLIFIED


LOG = "2026-01-01 ok café 20 €\n" * 20
RULES = "设备点检规程：操作工每班须检查油位。价格为20€。\n" * 3


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (LOG.encode() + b"binary \xff\xfe junk\n", LOG + "binary \ufffd\ufffd junk\n"),
        (LOG.encode() + b"caf\xe9 in Latin-1", LOG + "caf\ufffd in Latin-1"),
        (LOG.encode() + b"\x90" * 100, LOG + "\ufffd" * 100),
        (RULES.encode()[:-2], RULES[:-2] + "\ufffd"),
        (RULES.encode() + "运行：备用泵在西侧。".encode("gbk"), RULES + "运行：备用泵在西侧。"),
        (RULES.encode() + "第一行\n第二行\n".encode("gbk"), RULES + "第一行\n第二行\n"),
        ("价格€".encode() * 9 + b"\x81\x81", "价格€" * 9 + "\ufffd\ufffd"),
        (b"\xef\xbb\xbf" + LOG.encode() + b"\xff", LOG + "\ufffd"),
        (b"x" * 70_000 + "\né".encode() * 9 + b"\xff", "x" * 70_000 + "\né" * 9 + "\ufffd"),
    ],
)
def test_utf_8_with_damage_or_foreign_lines_stays_utf_8(data, text):
    assert decode(data) == text


def test_declared_utf_8_with_half_of_the_text_damaged_stays_utf_8():
    assert decode("é à ü".encode() + b" \xff\xff", declared="UTF-8") == "é à ü \ufffd\ufffd"
    assert decode("报价单（附件）".encode("gbk"), declared="utf-8") == "报价单（附件）"


@pytest.mark.parametrize(
    "encoding", ["gbk", "cp1251", "koi8_r", "cp866", "cp874", "cp1252", "big5"]
)
def test_lines_that_are_utf_8_by_chance_do_not_decide(encoding):
    lines = {
        "gbk": "联通\n电信\n移动公司\n目录\n会议定于星期三\n",
        "big5": "會議定於\n星期三\n下午三點\n在二樓舉行\n",
        "cp874": "กรุงเทพมหานคร\nเชียงใหม่\nวันที่ประชุม\n",
        "cp1252": "Größe\nHöhe\nÃ© übel\nfür Männer\n",
    }.get(encoding, "Совещание\nв среду\nна втором\nэтаже\n")

    assert decode(lines.encode(encoding)) == lines


def test_chinese_far_behind_ascii_decides():
    text = "A long preamble in English.\n" * 5_000 + SIMPLIFIED

    assert decode(text.encode("gb18030")) == text


@pytest.mark.parametrize(
    "label", ["gb2312", "GBK", "cp936", "ms936", "windows-936", "x-gbk", "gb_2312-80", "euc-cn"]
)
def test_every_label_of_chinese_is_read_as_gb18030(label):
    assert decode("朱镕基：€㐀".encode("gb18030"), declared=label) == "朱镕基：€㐀"
    assert decode("价".encode("gb18030"), declared=label) == "价"
    assert (
        decode("价格与数量如附件所列".encode("gb18030") + b"\xff.", declared=label)
        == "价格与数量如附件所列\ufffd."
    )


def test_a_declared_encoding_counts_unless_the_bytes_contradict():
    assert decode("привет".encode("koi8_r"), declared="KOI8-R") == "привет"
    assert decode("привет".encode(), declared="KOI8-R") == "привет"
    assert decode("привет".encode("koi8_r"), declared="no-such-encoding")


def test_nothing_is_undecodable():
    assert isinstance(decode(bytes(range(256))), str)


@pytest.mark.parametrize(
    "declared", ["idna", "punycode", "undefined", "zlib", "unicode_escape", "rot13", "hex", "\x00"]
)
def test_a_declared_codec_that_encodes_no_documents_is_ignored(declared):
    assert decode("naïve .. \\u0041".encode("cp1252"), declared=declared) == "naïve .. \\u0041"


@pytest.mark.parametrize(
    "data",
    [
        RULES.encode() + "运行：备用泵在西侧。".encode("gbk"),
        ("泵站 ok\n" * 30).encode() + b"\xff\xfe\xfd\xfc" * 12,
        b"N\x08NA\x08AM\x08ME\x08E of the pump\n" * 30,
        b"8=FIX.4.4\x019=112\x0135=8\x0149=BROKER\x01" * 30,
        b"\x1b[31mred\x1b[0m\n" * 30,
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.log", "a"])
def test_text_with_odd_bytes_is_text(written, data, name):
    assert detect_media_type(written("a", data), name) == formats.TEXT


@pytest.mark.data
def test_logs_and_rules_with_odd_bytes_are_read(read, real_data):
    log = read(real_data / "cases" / "09-encoding_f-log.log").elements[0].text
    rules = "\n".join(
        each.text for each in read(real_data / "cases" / "09-encoding_c-mixed.txt").elements
    )

    assert "ok café 20 €\nbinary \ufffd\ufffd junk\n2026-01-02 ok café" in log
    assert "价格为20€。" in rules
    assert "追加行：备用泵在西侧。" in rules
