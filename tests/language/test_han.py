import csv
from hashlib import sha256

import pytest
from django.conf import settings

from ingestion.index.fingerprint import METHOD_VERSION
from language.han import _table, fold_han
from language.words import query_terms, terms


def longest_shared(one: str, other: str) -> int:
    """Return the length of the longest common term of two texts: a pair is 2."""
    return max(map(len, query_terms(one).keys() & terms(other).keys()), default=0)


# Words of everyday use that are not in the given list; the last rows are regional forms and second
# readings.
WORDS = """
圖書館/图书馆 機器學習/机器学习 發票/发票 頭髮/头发 關係/关系 維修/维修 檢查/检查 數據庫/数据库 電腦/电脑 網絡/网络
憑證/凭证 鍋爐/锅炉 壓力錶/压力表 體檢/体检 後勤/后勤 皇后/皇后 麵條/面条 面積/面积 鬥爭/斗争 北斗/北斗 稻穀/稻谷
山谷/山谷 乾淨/干净 乾坤/乾坤 樹幹/树干 豬隻/猪只 只有/只有 臺灣/台湾 颱風/台风 平臺/平台 鐘錶/钟表 鍾情/钟情
制度/制度 製度/制度 複習/复习 回覆/回复 答覆/答复 反覆/反复 覆蓋/覆盖 裝置/装置 儀錶/仪表 證券/证券 彙報/汇报
匯率/汇率 鬱悶/郁闷 松樹/松树 鬆動/松动 干涉/干涉 藉口/借口 沈澱/沉淀 項鍊/项链 鍛鍊/锻炼 甦醒/苏醒 企劃/企划
計畫/计划 想像/想象 彷彿/仿佛 傢俱/家具 英哩/英里 公里/公里 帳單/账单 身分/身份 部份/部分 瞭如指掌/了如指掌
為了/爲了 床單/牀單 牆壁/墙壁 啟用/啓用 裡程/裏程 綫上/线上 羣組/群组 衞生/卫生 教科書/教科书 祇要/只要 水菓/水果
火焰/火燄
"""


@pytest.mark.parametrize("pair", WORDS.split())
def test_a_word_matches_in_both_scripts(pair):
    traditional, simplified = pair.split("/")

    assert longest_shared(simplified, traditional) == longest_shared(traditional, simplified) == 2


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("⻓门", "长门"),
        ("⾧⾨", "長門"),
        ("⻢⼒", "马力"),
        ("⻋⼒", "車力"),
        ("⽔⻛", "水风"),
        ("⻄⽅", "西方"),
        ("⺟⻝", "母食"),
    ],
)
def test_a_word_written_with_radicals_matches(written, meant):
    assert longest_shared(written, meant) == longest_shared(meant, written) == 2


@pytest.mark.parametrize("code", range(0x2E80, 0x2FE0))
def test_a_radical_folds_to_an_ideograph(code):
    has_none = code in {0x2E80, 0x2E9A} or 0x2EF4 <= code < 0x2F00 or code >= 0x2FD6

    assert (fold_han(chr(code)) == chr(code)) is has_none


@pytest.mark.data
@pytest.mark.parametrize("name", ["han-pairs.tsv", "radicals.tsv"])
def test_both_characters_of_each_pair_match(name):
    with (settings.READING_ROOM_DATA / "cases" / name).open(encoding="utf-8") as lines:
        pairs = [
            (row["in the document"], row["in the question"])
            for row in csv.DictReader(lines, delimiter="\t")
        ]

    assert len(pairs) in {68, 18}
    assert [pair for pair in pairs if longest_shared(*pair) < min(2, len(pair[1]))] == []
    assert [pair for pair in pairs if longest_shared(*reversed(pair)) < min(2, len(pair[1]))] == []


def test_folding_keeps_positions():
    text = "“頭髮” ⻓門, naïve カタカナ 서울 🎉 \ud800𠮷"

    assert len(fold_han(text)) == len(text)
    assert fold_han(text) == "“头发” 长门, naïve カタカナ 서울 🎉 \ud800𠮷"


def test_folding_twice_changes_nothing():
    table = _table()

    assert all(fold_han(other) == other and len(other) == 1 for other in table.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [("干", "于"), ("未", "末"), ("己", "已"), ("土", "士"), ("買", "賣"), ("貝", "見")],
)
def test_similar_characters_of_different_meaning_are_not_folded(one, other):
    assert fold_han(one) != fold_han(other)


def test_a_changed_table_requires_a_new_method_version():
    """After an update of OpenCC, raise `METHOD_VERSION`, so that documents are indexed again."""
    rows = "".join(chr(code) + other for code, other in sorted(_table().items()))

    assert (METHOD_VERSION, sha256(rows.encode()).hexdigest()[:16]) == (5, "7edfda0afbcced2f")
