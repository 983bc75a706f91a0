"""Sections of number formats that show dates and times.

A date with month and day is written as ISO 8601, with its time; other dates are as shown. Serial 60
of the 1900 system is 29 February 1900, which does not exist, and serial 0 the "0th" of January.
"""

import datetime
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from ingestion.parsing.spreadsheets.number_formats.tokens import Section, Token, TokenKind
from ingestion.parsing.text.numerals import CHINESE, counted, written

SECONDS_OF_DAY: Final = 86_400
LAST_DAY: Final = 2_958_465
LAST_DAY_SINCE_1904: Final = LAST_DAY - 1462
LEAP_DAY_1900: Final = 60
CHINESE_LANGUAGE, JAPANESE, KOREAN = 0x04, 0x11, 0x12
PRIMARY_LANGUAGE: Final = 0x3FF
TRADITIONAL: Final = (0x404, 0xC04, 0x1404)
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CHINESE_WEEKDAYS: Final = "一二三四五六日"
WEEKDAY_NAMES: Final = {JAPANESE: ("月火水木金土日", "曜日"), KOREAN: ("월화수목금토일", "요일")}
HALF_DAYS: Final = {CHINESE_LANGUAGE: "上午/下午", JAPANESE: "午前/午後", KOREAN: "오전/오후"}
# Signs that belong to the number before them.
MARKS_BEHIND: Final = ("日", "号", "號", "일", "分", "秒", "분", "초")
# The letters of our own tokens: a date, and a time without and with seconds, as ISO 8601.
ISO_DAY: Final = "iso"
CLOCKS: Final = ("clock", "clock:ss")


class Day(NamedTuple):
    """A day of the calendar; weekdays count from Monday, as spreadsheets know them."""

    year: int
    month: int
    day: int
    weekday: int


class Moment(NamedTuple):
    """The parts of a serial number: seconds since midnight, since the first day, and decimals."""

    day: Day
    seconds: int
    elapsed: int
    fraction: str


def date_section(section: Section, *, since_1904: bool) -> Callable[[float], str] | None:
    """Return the function that shows a serial number from 0 in `section`; None if it has digits."""
    tokens = _with_minutes(section.tokens)
    kinds = {token.kind for token in tokens}
    if TokenKind.DIGIT in kinds or TokenKind.GENERAL in kinds:
        return None
    decimals = max(
        (len(token.text) - 1 for token in tokens if token.kind is TokenKind.POINT), default=0
    )
    has_half_days = TokenKind.HALF_DAY in kinds
    if TokenKind.ELAPSED not in kinds:
        tokens = _with_iso_day(tokens)
    has_clock = any(token.text in CLOCKS for token in tokens)
    end = (LAST_DAY_SINCE_1904 if since_1904 else LAST_DAY) + 1

    def shown(value: float) -> str:
        if value >= end:
            return format(value, ".15g")
        ticks = math.floor(value * SECONDS_OF_DAY * 10**decimals + 0.5)
        elapsed, fraction = divmod(ticks, 10**decimals)
        serial, seconds = divmod(elapsed, SECONDS_OF_DAY)
        moment = Moment(
            _day(serial, since_1904),
            seconds,
            elapsed,
            f"{fraction:0{decimals}}" if decimals else "",
        )
        left_out = (
            ISO_DAY
            if has_clock and value < 1
            else CLOCKS
            if has_clock and value == int(value)
            else ""
        )
        pieces = [
            _piece(token, moment, section, has_half_days)
            for token in tokens
            if token.text not in left_out
        ]
        return " ".join("".join(pieces).split())

    return shown


def _piece(token: Token, moment: Moment, section: Section, has_half_days: bool) -> str:
    match token.kind:
        case TokenKind.DATE:
            if token.text == ISO_DAY:
                return f"{moment.day.year:04}-{moment.day.month:02}-{moment.day.day:02}"
            if token.text in CLOCKS:
                clock = f"{moment.seconds // 3600:02}:{moment.seconds // 60 % 60:02}"
                return (
                    clock
                    if token.text == CLOCKS[0] or not moment.seconds % 60
                    else f"{clock}:{moment.seconds % 60:02}"
                )
            figures = _figures(token.text, moment, has_half_days=has_half_days)
            if figures is None:
                return _names(token.text, moment.day, section.language)
            return _in_numerals(*figures, section.numerals)
        case TokenKind.ELAPSED:
            unit = {"h": 3600, "m": 60, "s": 1}[token.text[0]]
            return f"{moment.elapsed // unit:0{len(token.text)}}"
        case TokenKind.HALF_DAY:
            names = token.text
            if names.lower() == "am/pm":
                names = HALF_DAYS.get(section.language & PRIMARY_LANGUAGE, "AM/PM")
            return names.split("/")[moment.seconds >= SECONDS_OF_DAY // 2]
        case TokenKind.POINT if len(token.text) > 1:
            return f".{moment.fraction}"
    return token.text


def _with_minutes(tokens: list[Token]) -> list[Token]:
    """Tell minutes from months, and make one token of the fraction of a second.

    An m is a minute behind hours or before seconds. Tokens for minutes have the letters "n".
    """
    made: list[Token] = []
    letters = [
        place
        for place, token in enumerate(tokens)
        if token.kind in (TokenKind.DATE, TokenKind.ELAPSED)
    ]
    for place, token in enumerate(tokens):
        if token.kind is TokenKind.DATE and token.text in ("m", "mm"):
            at = letters.index(place)
            before = tokens[letters[at - 1]].text if at else ""
            after = tokens[letters[at + 1]].text if at + 1 < len(letters) else ""
            if before.startswith("h") or after.startswith("s"):
                token = Token(TokenKind.DATE, "n" * len(token.text))
        if (
            token.kind is TokenKind.DIGIT
            and token.text == "0"
            and made
            and made[-1].kind is TokenKind.POINT
        ):
            made[-1] = Token(TokenKind.POINT, f"{made[-1].text}0")
        else:
            made.append(token)
    return made


def _with_iso_day(tokens: list[Token]) -> list[Token]:
    """Merge a date with month and day into one token, and the time beside it into another."""
    dated = [
        place
        for place, token in enumerate(tokens)
        if token.kind is TokenKind.DATE and (token.text[0] in "ymgeb" or token.text in ("d", "dd"))
    ]
    if not {"m", "d"} <= {tokens[place].text[0] for place in dated}:
        return tokens
    timed = [
        place
        for place, token in enumerate(tokens)
        if token.kind in (TokenKind.ELAPSED, TokenKind.HALF_DAY)
        or (token.kind is TokenKind.DATE and token.text[0] in "hns")
    ]
    spans = [(dated, Token(TokenKind.DATE, ISO_DAY))]
    if timed:
        has_seconds = any(tokens[place].text[0] == "s" for place in timed)
        spans.append((timed, Token(TokenKind.DATE, CLOCKS[has_seconds])))
    made = list(tokens)
    space = Token(TokenKind.LITERAL, " ")
    for places, token in sorted(spans, key=lambda span: -span[0][0]):
        end = places[-1] + 1
        if (
            end < len(made)
            and made[end].kind is TokenKind.LITERAL
            and made[end].text.startswith(MARKS_BEHIND)
        ):
            end += 1
        made[places[0] : end] = (
            [token, space] if end < len(made) and made[end].kind is TokenKind.DATE else [token]
        )
    return made


@lru_cache(maxsize=4_096)
def _day(serial: int, since_1904: bool) -> Day:
    if since_1904:
        return _calendar_day(datetime.date(1904, 1, 1), serial)
    if serial in (0, LEAP_DAY_1900):
        return Day(1900, 1, 0, 5) if serial == 0 else Day(1900, 2, 29, 2)
    day = _calendar_day(datetime.date(1899, 12, 31 if serial < LEAP_DAY_1900 else 30), serial)
    return day._replace(weekday=(serial + 5) % 7)


def _calendar_day(first: datetime.date, days: int) -> Day:
    found = first + datetime.timedelta(days=min(days, LAST_DAY))
    return Day(found.year, found.month, found.day, found.weekday())


def _figures(letters: str, moment: Moment, *, has_half_days: bool) -> tuple[int, int] | None:
    """Return the number for these letters and its minimum of digits; None for names."""
    hour = moment.seconds // 3600
    match letters[0]:
        case "y" if len(letters) < 3:
            return moment.day.year % 100, 2
        case "y" | "e":
            return moment.day.year, 4 if letters[0] == "y" else 1
        case "b":
            return (moment.day.year + 543) % (100 if len(letters) < 3 else 10_000), 2
        case "m" | "d" if len(letters) < 3:
            return (moment.day.month if letters[0] == "m" else moment.day.day), len(letters)
        case "h":
            return ((hour + 11) % 12 + 1 if has_half_days else hour), min(len(letters), 2)
        case "n":
            return moment.seconds // 60 % 60, len(letters)
        case "s":
            return moment.seconds % 60, min(len(letters), 2)
    return None


def _in_numerals(number: int, digits: int, numerals: int) -> str:
    """Return a number in the numerals of the section: years digit by digit, others counted."""
    plain = f"{number:0{digits}}"
    if numerals not in (1, 2):
        return plain if numerals != 3 else written(number, "decimalFullWidth").rjust(digits, "０")
    words = (
        CHINESE
        if numerals == 1
        else CHINESE._replace(digits="零壹贰叁肆伍陆柒捌玖", units="拾佰仟")
    )
    if number > 99:
        return "".join(
            ("〇" if numerals == 1 else "零", *words.digits[1:])[int(digit)] for digit in plain
        )
    return counted(number, words) if number else words.digits[0]


def _names(letters: str, day: Day, language: int) -> str:
    """Return the name of a month or a weekday in Chinese, Japanese, Korean or English."""
    primary = language & PRIMARY_LANGUAGE
    if letters[0] == "m":
        if primary == CHINESE_LANGUAGE and len(letters) > 3:
            return f"{counted(day.month, CHINESE)}月"
        if primary in HALF_DAYS:
            return f"{day.month}{'월' if primary == KOREAN else '月'}"
        name = MONTHS[day.month - 1]
        return name[: {3: 3, 5: 1}.get(len(letters), len(name))]
    if letters[0] == "g":
        return ""
    is_long = len(letters) > 3
    if primary in WEEKDAY_NAMES:
        days, ending = WEEKDAY_NAMES[primary]
        return days[day.weekday] + (ending if is_long else "")
    if letters[0] == "a" or primary == CHINESE_LANGUAGE:
        short = "" if letters[0] == "a" else "週" if language in TRADITIONAL else "周"
        return ("星期" if is_long else short) + CHINESE_WEEKDAYS[day.weekday]
    return WEEKDAYS[day.weekday] if is_long else WEEKDAYS[day.weekday][:3]
