"""Numerals of many scripts, as Word prints them (ECMA-376, 17.18.59)."""

import pytest

from ingestion.parsing.text.numerals import written


@pytest.mark.parametrize(
    ("kind", "figures"),
    [
        ("decimal", {0: "0", 7: "7"}),
        ("decimalZero", {0: "00", 7: "07", 12: "12"}),
        ("lowerLetter", {1: "a", 26: "z", 27: "aa", 54: "bbb"}),
        ("upperRoman", {4: "IV", 1999: "MCMXCIX"}),
        ("ordinal", {0: "0th", 1: "1st", 2: "2nd", 3: "3rd", 11: "11th", 22: "22nd", 113: "113th"}),
        (
            "cardinalText",
            {1: "One", 21: "Twenty-one", 100: "One hundred", 342: "Three hundred forty-two"},
        ),
        (
            "ordinalText",
            {1: "First", 12: "Twelfth", 20: "Twentieth", 23: "Twenty-third", 100: "One hundredth"},
        ),
        ("hex", {10: "A", 255: "FF"}),
        ("numberInDash", {3: "- 3 -"}),
        ("chicago", {1: "*", 4: "§", 5: "**"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("decimalEnclosedParen", {4: "⑷"}),
        ("decimalEnclosedFullstop", {3: "⒊"}),
        ("ideographEnclosedCircle", {2: "㊁", 11: "11"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("ideographZodiac", {1: "子", 12: "亥", 13: "13"}),
        ("ideographZodiacTraditional", {1: "甲子", 11: "甲戌", 60: "癸亥"}),
        ("decimalFullWidth", {10: "１０"}),
        ("ideographDigital", {10: "一〇", 21: "二一"}),
        ("chineseCounting", {10: "十", 21: "二十一", 100: "一〇〇"}),
        (
            "chineseCountingThousand",
            {11: "十一", 101: "一百零一", 110: "一百一十", 1004: "一千零四", 10010: "一万零一十"},
        ),
        ("taiwaneseCountingThousand", {12000: "一萬二千"}),
        ("chineseLegalSimplified", {1: "壹", 11: "壹拾壹", 234: "贰佰叁拾肆"}),
        ("ideographLegalTraditional", {3: "參", 20: "貳拾"}),
        ("japaneseCounting", {10: "十", 100: "百", 1234: "千二百三十四"}),
        ("koreanDigital", {10: "일영"}),
        ("koreanLegal", {21: "스물하나"}),
        ("ganada", {2: "나"}),
        ("russianLower", {2: "б", 10: "к"}),
        ("hebrew1", {15: "טו", 21: "כא"}),
        ("thaiNumbers", {12: "๑๒"}),
        ("unknown", {5: "5"}),
    ],
)
def test_a_number_is_written_in_the_figures_of_its_kind(kind, figures):
    assert {number: written(number, kind) for number in figures} == figures
