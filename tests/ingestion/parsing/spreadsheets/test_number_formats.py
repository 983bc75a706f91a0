"""Number formats: the text of a cell by ECMA-376, 18.8.31, or as Excel shows it."""

import datetime
import math
import string
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.parsing.spreadsheets.number_formats import BUILT_IN, number, shown_by, text_shown_by

EPOCH, EPOCH_1904 = datetime.date(1899, 12, 30), datetime.date(1904, 1, 1)
NUMBERS = st.floats(min_value=0, max_value=1e12, allow_subnormal=False)


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        # Digits, thousands, decimals, percent; the examples of 18.8.31 among them.
        ("0.00", 3.14159, "3.14"),
        ("####.#", 1234.59, "1234.6"),
        ("#.000", 8.9, "8.900"),
        ("0.#", 0.631, "0.6"),
        ("#.0#", 12, "12.0"),
        ("#.0#", 1234.568, "1234.57"),
        ("0.#", 5, "5."),
        ("#.##", 0.5, ".5"),
        ("???.???", 102.65, "102.65"),
        ("???.???", 2.8, "2.8"),
        ("# ???/???", 5.25, "5 1/4"),
        ("#,###", 12000, "12,000"),
        ("#,", 12000, "12"),
        ("0.0,,", 12200000, "12.2"),
        ("#,##0", 1234567, "1,234,567"),
        ("#,##0.00", -1234.5, "-1,234.50"),
        ("0,000", 5, "0,005"),
        ("#", 0, ""),
        ("0", 2.5, "3"),
        ("0.00", 1.005, "1.01"),
        ("0.00", -0.001, "0.00"),
        ("0%", 0.256, "26%"),
        ("0.0%", 0.256, "25.6%"),
        ("0%", 0.125, "13%"),
        ("00000", 42, "00042"),
        # Scaling commas and digits apart.
        ('#,##0,"k"', 12345678, "12,346k"),
        ('#,##0,"千元"', 1500, "2千元"),
        ('0.0,,"M"', 2500000, "2.5M"),
        ('0.0,,"M"', -5, "0.0M"),
        ('0!.0,"万"', 123456, "12.3万"),
        ("#,##0.00,,", 123456789, "123.46"),
        ("000-0000-0000", 13800138000, "138-0013-8000"),
        (r"000\-00\-0000", 123456789, "123-45-6789"),
        (r'"PN-"000\.000', 100234, "PN-100.234"),
        ('"a"0"b"0"c"', 12, "a1b2c"),
        ('0000"年"00"月"', 202403, "2024年03月"),
        # Literals, currencies, colours, blanks and fills.
        ('"¥"#,##0', 5000, "¥5,000"),
        ("[$¥-804]#,##0.00", 5, "¥5.00"),
        ("[$€-407] #,##0.00", 5, "€ 5.00"),
        ("#,##0.00 [$€-407]", 1234.5, "1,234.50 €"),
        ("$#,##0.00", -5, "-$5.00"),
        ('0.0" kg"', 2, "2.0 kg"),
        ("[Blue]0.0", 2, "2.0"),
        ('_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)', -5, "$(5.00)"),
        ('_-* #,##0_-;-* #,##0_-;_-* "-"??_-', 0, "-"),
        ('0.0"‰"', 0.012, "0.0‰"),
        # Sections and conditions.
        ("0.00_);(0.00)", -3, "(3.00)"),
        ("0.00;[Red]-0.00", -2, "-2.00"),
        ('"up "0;"down "0;"flat"', -5, "down 5"),
        ('"up "0;"down "0;"flat"', 0, "flat"),
        ("▲0.0%;▼0.0%", -0.05, "▼5.0%"),
        ("+0;-0;0", 5, "+5"),
        ("0.00;-0.00;;@", 0, ""),
        ("[>100]0.0;0.00", 101, "101.0"),
        ("[>100]0.0;0.00", -5, "-5.00"),
        ('[>=1000]#,##0.0,"k";[>=100]0;0.00', 1500, "1.5k"),
        ('[>=1000]#,##0.0,"k";[>=100]0;0.00', 150.4, "150"),
        ('[>=1000]#,##0.0,"k";[>=100]0;0.00', -1, "-1.00"),
        ('[<0]"neg "0.0;0.0', -5, "neg 5.0"),
        ('[=1]"yes";[=0]"no";0', 1, "yes"),
        ('[=1]"yes";[=0]"no";0', 0, "no"),
        ('[<>0]0.0;"none"', 0, "none"),
        # General inside a format.
        ('General"台"', 12, "12台"),
        ("[>100][Red]General;General", 1450, "1450"),
        ("G/通用格式", 1450, "1450"),
        ('General" kg"', -2.5, "-2.5 kg"),
        # Exponents and fractions.
        ("0.00E+00", 123456, "1.23E+05"),
        ("0.00E-00", 123456, "1.23E05"),
        ("0.00E+00", 0.000123456, "1.23E-04"),
        ("##0.0E+0", 12345, "12.3E+3"),
        ("0E+0", 9.99, "1E+1"),
        ("# ?/?", 0.5, "1/2"),
        ("# ?/?", 3, "3"),
        ("# ??/16", 0.3, "5/16"),
        ("?/?", -1.25, "-5/4"),
        ("# ?/?", 1.99, "2"),
        # Numerals of East Asia.
        ("[DBNum1][$-804]General", 1004, "一千〇四"),
        ('[DBNum2][$-804]General"元整"', 1234, "壹仟贰佰叁拾肆元整"),
        ("[DBNum2]0.00", 12.5, "壹贰.伍零"),
        ("[DBNum1]0", 120, "一二〇"),
        ("[DBNum3]0", 120, "１２０"),
        ("[DBNum1][$-411]General", 1234, "千二百三十四"),
        ("[DBNum2][$-404]General", 12, "壹拾貳"),
        # Days are ISO 8601, with the time as the format has it.
        ("yyyy-mm-dd", 45352, "2024-03-01"),
        ("d-mmm-yy", 45352.5, "2024-03-01"),
        ('yyyy"年"m"月"d"日"', 45352, "2024-03-01"),
        ('m"月"d"日"', 46096, "2026-03-15"),
        ("m/d/yy h:mm", 45352.75, "2024-03-01 18:00"),
        ("m/d/yy h:mm", 45352, "2024-03-01"),
        ("m/d/yy h:mm", 0.75, "18:00"),
        ("m/d/yy h:mm:ss AM/PM", 45352.75, "2024-03-01 18:00"),
        ("m/d/yy h:mm:ss", 45352.376, "2024-03-01 09:01:26"),
        ('yyyy"年"m"月"d"日"h"时"mm"分"', 45352.75, "2024-03-01 18:00"),
        ('yyyy"年"m"月"d"日"aaaa', 45352, "2024-03-01 星期五"),
        ('"("yyyy-mm-dd")"', 45352, "(2024-03-01)"),
        ('"by "yyyy/m/d', 45352, "by 2024-03-01"),
        ("[$-F800]dddd, mmmm dd, yyyy", 45352, "Friday, 2024-03-01"),
        ("yyyy-mm-dd", -1, "-1"),
        ("yyyy-mm-dd", 1e9, "1000000000"),
        # A value below a day is shown unchanged.
        ("yyyy", 45352, "2024"),
        ("mmm-yy", 45352, "Mar-24"),
        ('yyyy"年"m"月"', 45352, "2024年3月"),
        ('[DBNum1]yyyy"年"m"月"', 45636, "二〇二四年十二月"),
        ("aaaa", 46096, "星期日"),
        ("dddd", 45352, "Friday"),
        ("[$-804]ddd", 45352, "周五"),
        ("[$-411]aaaa", 45352, "金曜日"),
        # Times.
        ("h:mm", 0.5, "12:00"),
        ("h:mm:ss", 0.123456, "2:57:47"),
        ("hh:mm AM/PM", 0.75, "06:00 PM"),
        ("h AM/PM", 0, "12 AM"),
        ('上午/下午h"时"mm"分"', 0.75, "下午6时00分"),
        ('h"小时"m"分"', 0.5, "12小时0分"),
        ("[h]:mm", 1.5, "36:00"),
        ("[mm]:ss", 0.0625, "90:00"),
        ("mm:ss.0", 69.8 / 86400, "01:09.8"),
        # Unknown formats.
        ("abc", 7, "7"),
        ("0 yyyy", 7, "7"),
        ("[>5]0.0", 3, "3"),
        ("@", 7, "7"),
    ],
)
def test_a_number_is_shown_by_its_format(code, value, shown):
    assert shown_by(code)(float(value)) == shown


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (0, "1900-01-00"),
        (1, "1900-01-01"),
        (31, "1900-01-31"),
        (59, "1900-02-28"),
        (60, "1900-02-29"),
        (61, "1900-03-01"),
    ],
)
def test_the_first_serials_are_the_days_that_a_spreadsheet_shows(serial, day):
    assert shown_by("yyyy-mm-dd")(float(serial)) == day


@pytest.mark.parametrize("weekday", [("Sunday", 1), ("Wednesday", 60), ("Thursday", 61)])
def test_weekdays_include_the_nonexistent_leap_day_of_1900(weekday):
    name, serial = weekday

    assert shown_by("dddd")(float(serial)) == name


@given(st.integers(61, 2_958_465))
def test_every_serial_is_its_day_in_both_date_systems(serial):
    assert shown_by("yyyy-mm-dd")(float(serial)) == (EPOCH + datetime.timedelta(serial)).isoformat()
    if serial <= 2_957_003:
        day = (EPOCH_1904 + datetime.timedelta(serial)).isoformat()
        assert shown_by("d/m/yyyy", since_1904=True)(float(serial)) == day


@given(st.integers(0, 86_399))
def test_every_second_of_a_day_is_shown(second):
    shown = shown_by("hh:mm:ss")(second / 86_400)

    assert shown == f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


@given(NUMBERS, st.integers(0, 6))
def test_decimals_are_those_of_the_code_with_halves_rounded_up(value, decimals):
    code = f"0.{'0' * decimals}" if decimals else "0"
    exact = Decimal(format(value, ".15g")).quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP
    )

    assert shown_by(code)(value) == f"{exact:f}"
    assert shown_by(f"#,##{code}")(value).replace(",", "") == f"{exact:f}"
    assert shown_by(f"#,##{code}")(value).split(".")[0] == f"{int(exact):,}"


@given(st.integers(0, 99_999_999_999))
def test_separated_digits_keep_their_order(value):
    shown = shown_by("000-0000-0000")(float(value))

    assert shown.replace("-", "") == f"{value:011}"
    assert [len(group) for group in shown.split("-")] == [3, 4, 4]


@given(NUMBERS)
def test_a_comma_at_the_end_divides_by_a_thousand(value):
    thousandth = (
        Decimal(format(value, ".15g")).scaleb(-3).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    )

    assert shown_by("0.00,")(value) == f"{thousandth:f}"


@given(st.floats(min_value=0, max_value=1000, allow_subnormal=False))
def test_a_fraction_is_the_nearest_with_such_a_denominator(value):
    whole, _space, fraction = shown_by("0 ??/??")(value).partition(" ")
    shown = int(whole) + Fraction(fraction or "0")

    assert abs(shown - Fraction(value)) <= Fraction(1, 100)
    assert shown.denominator < 100


@given(st.floats(min_value=1e-200, max_value=1e200))
def test_a_number_with_an_exponent_keeps_its_value(value):
    assert math.isclose(float(shown_by("0.00000E+00")(value)), value, rel_tol=1e-5)


@given(
    st.text(
        st.sampled_from('0#?.,%/E+-;@_*\\!"[]()$ ymdhsaegb:千年AMP<>=1DBNumGeneral'), max_size=40
    )
    | st.text(max_size=20),
    st.floats() | st.integers(-10, 70).map(float),
    st.booleans(),
)
def test_no_code_and_no_number_is_an_error(code, value, since_1904):
    shown = shown_by(code, since_1904=since_1904)(value)

    assert isinstance(shown, str)
    show_text = text_shown_by(code)
    assert show_text is None or isinstance(show_text("text"), str)


@given(st.text(string.ascii_letters, min_size=1, max_size=8), st.floats(1, 1e9))
def test_words_without_digits_never_hide_a_number(word, value):
    assert shown_by(f"zz{word}")(value) in (number(value), shown_by(f'"zz"{word}')(value))


def test_every_format_that_has_only_a_number_is_understood():
    assert all(shown_by(code)(45352.75) for code in BUILT_IN.values())
    assert [shown_by(BUILT_IN[key])(45352.75) for key in (14, 17, 22, 46, 48)] == [
        "2024-03-01", "Mar-24", "2024-03-01 18:00", "1088466:00:00", "45.4E+3",
    ]  # fmt: skip
