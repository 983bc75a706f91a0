"""Numbers and texts as cells show them, by the number formats of ECMA-376, 18.8.30 and 31.

- `tokens`: a format code cut into sections, and each into tokens
- `figures`: sections for numbers: digits, thousands, percent, fractions, exponents
- `dates`: sections for dates and times

Dates are an exception: they are shown as ISO 8601, because 3/4/26 is ambiguous and the file does
not state the country. An unknown section gives the plain number.
"""

import math
from collections.abc import Callable
from functools import lru_cache

from ingestion.parsing.spreadsheets.number_formats.dates import date_section
from ingestion.parsing.spreadsheets.number_formats.figures import Shown, number, number_section
from ingestion.parsing.spreadsheets.number_formats.tokens import Section, TokenKind, sections_of

__all__ = ["BUILT_IN", "Shown", "number", "shown_by", "text_shown_by"]

# Formats that workbooks name only by number. Those of East Asia mean dates or times, depending on
# the language of the program, which the file does not state.
DAY_OR_TIME = "yyyy-mm-dd h:mm"
BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)',
    8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    32: "h:mm",
    33: "h:mm:ss",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
    42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    **dict.fromkeys((27, 28, 29, 30, 31, 34, 35, 36, *range(50, 59)), DAY_OR_TIME),
}
MAX_CODE_CHARACTERS = 255  # The limit of Excel.


@lru_cache(maxsize=512)
def shown_by(code: str, *, since_1904: bool = False) -> Shown:
    """Return the function that shows a number in the format `code`."""
    if code.lower() == "general":
        return number
    sections = sections_of(code[:MAX_CODE_CHARACTERS])
    if len(sections) > 1 and sections[-1].is_text:
        sections = sections[:-1]
    if sections[0].is_text:
        text_shown = text_shown_by(code)
        return (lambda value: text_shown(number(value))) if text_shown else number
    shown = [
        date_section(section, since_1904=since_1904) if section.is_date else number_section(section)
        for section in sections[:3]
    ]
    if len(shown) == 1 and sections[0].condition is None:
        return _signed(shown[0] or number, is_day=sections[0].is_day)
    return _chosen(sections, shown)


@lru_cache(maxsize=512)
def text_shown_by(code: str) -> Callable[[str], str] | None:
    """Return the function that shows a text in the format `code`; None if texts stay unchanged."""
    sections = sections_of(code[:MAX_CODE_CHARACTERS])
    section = sections[3] if len(sections) > 3 else sections[-1]
    if not (section.is_text or len(sections) > 3) or (section.is_text and len(section.tokens) == 1):
        return None
    parts = [None if token.kind is TokenKind.TEXT else token.text for token in section.tokens]

    def shown(text: str) -> str:
        return "".join(text if part is None else part for part in parts).strip()

    return shown


def _signed(show: Shown, *, is_day: bool) -> Shown:
    """Return the format of both signs in the only section; a number rounded to zero has no sign."""
    if show is number:
        return number
    zero = show(0.0)

    def shown(value: float) -> str:
        if 0 <= value < math.inf:
            return show(value)
        if is_day or not math.isfinite(value):  # Dates before the first day do not exist.
            return number(value)
        text = show(-value)
        return text if text == zero else f"-{text}"

    return shown


def _chosen(sections: list[Section], shown: list[Shown | None]) -> Shown:
    """Return the function that shows a number by the first section whose condition holds.

    Without conditions the sections are for positive numbers, negative numbers and zero. A section
    that only negative numbers reach adds no sign.
    """
    conditions = [section.condition for section in sections[:2]]
    first = conditions[0] or (
        (">", 0.0) if len(sections) > 2 or len(conditions) == 1 else (">=", 0.0)
    )
    second = conditions[1] if len(conditions) > 1 else None
    if second is None and len(sections) > 2:
        second = ("<", 0.0)
    negative_only = [
        _is_negative(first),
        _is_negative(second) if second else first in ((">=", 0.0), (">", 0.0)),
        False,
    ]
    zeros = [show(0.0) if show else "" for show in shown]

    def chosen(value: float) -> str:
        if _holds(first, value):
            place = 0
        elif len(sections) > 1 and (second is None or _holds(second, value)):
            place = 1
        else:
            place = 2
        show = shown[place] if place < len(shown) else None
        if show is None or show is number or not math.isfinite(value):
            return number(value)
        text = show(abs(value))
        return (
            f"-{text}" if value < 0 and not negative_only[place] and text != zeros[place] else text
        )

    return chosen


def _is_negative(condition: tuple[str, float]) -> bool:
    operator, limit = condition
    return (operator == "<" and limit <= 0) or (operator in ("<=", "=") and limit < 0)


def _holds(condition: tuple[str, float], value: float) -> bool:
    operator, limit = condition
    match operator:
        case "<":
            return value < limit
        case "<=":
            return value <= limit
        case ">":
            return value > limit
        case ">=":
            return value >= limit
        case "<>":
            return value != limit
    return value == limit
