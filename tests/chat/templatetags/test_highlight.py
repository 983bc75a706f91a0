"""The filter `highlight` marks the terms of a query and escapes all text."""

import pytest

from chat.templatetags.highlight import highlight


def test_words_are_marked_by_stem_regardless_of_case():
    assert highlight("It OPENS at nine.", "opening") == "It <mark>OPENS</mark> at nine."


def test_markup_in_a_passage_is_escaped():
    marked = highlight("<script>alert('hours')</script>", "hours")

    assert marked == "&lt;script&gt;alert(&#x27;<mark>hours</mark>&#x27;)&lt;/script&gt;"


def test_chinese_is_marked_by_pairs_and_neighbouring_pairs_become_one_mark():
    assert (
        highlight("周末开放时间为九点，不再开放。", "开放时间")
        == "周末<mark>开放时间</mark>为九点，不再<mark>开放</mark>。"
    )


def test_a_single_chinese_character_is_marked_only_as_a_whole_run():
    assert highlight("年 和 年假", "年") == "<mark>年</mark> 和 年假"


@pytest.mark.parametrize("query", ["证书注册", "證書註冊", "證书注冊"])
def test_chinese_is_marked_across_scripts_in_its_own_script(query):
    assert highlight("啟動證書須註冊。", query) == "啟動<mark>證書</mark>須<mark>註冊</mark>。"
    assert highlight("启动证书须注册。", query) == "启动<mark>证书</mark>须<mark>注册</mark>。"


def test_a_word_written_with_radicals_is_marked():
    assert highlight("⻔禁与⻢⼒", "门禁 马力") == "<mark>⻔禁</mark>与<mark>⻢⼒</mark>"


def test_a_part_number_is_marked_with_any_joiner():
    assert highlight("Order AB-1234/5 today", "ab12345") == "Order <mark>AB-1234/5</mark> today"


def test_stop_words_are_not_marked():
    assert (
        highlight("the hours of the library", "the library")
        == "the hours of the <mark>library</mark>"
    )


def test_without_a_word_in_common_nothing_is_marked():
    assert highlight("fish & chips", "") == "fish &amp; chips"
