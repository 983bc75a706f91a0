"""Numbers as their cells show them: decimals, thousands, percent, currency, leading zeros; dates as ISO 8601.

Dates are not shown as the sheet does, because 3/4/26 is another day in another country, and nobody can tell which.
"""

import datetime
import re
from collections.abc import Callable
from functools import lru_cache

Shown = Callable[[float], str]

# The formats that workbooks name by number alone.
BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss",
    48: "0.0E+0",
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy-mm-dd"),
}
LITERALS = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]')
DATE_LETTERS = re.compile(r"[ymdhse]|AM/PM|上午", re.IGNORECASE)
DAY_LETTERS = re.compile(r"[yde]|mmm|m+[/-]", re.IGNORECASE)
TIME_LETTERS = re.compile(r"[hs]", re.IGNORECASE)
ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
DIGITS = re.compile(r"[0#?][0#?,]*(?:\.[0#?]+)?")
LONGEST = 200
DAY_ZERO = {False: datetime.datetime(1899, 12, 30), True: datetime.datetime(1904, 1, 1)}  # noqa: DTZ001 - cells have no zone
LAST_DAY = 2_958_465


def number(value: float) -> str:
    """A number without the noise of binary fractions and without an exponent where it can be avoided."""
    if isinstance(value, float) and not value.is_integer():
        return format(round(value, 10), ".12g") if abs(value) >= 1e-4 else format(value, ".10g")
    return str(int(value)) if abs(value) < 1e21 else repr(value)


@lru_cache(maxsize=512)
def shown_by(code: str, *, since_1904: bool = False) -> Shown:
    """How a number is shown in the format `code`."""
    code = code[:LONGEST]
    if ELAPSED.search(code):
        return _elapsed
    section = code.split(";")[0]
    bare = LITERALS.sub("", section)
    if DATE_LETTERS.search(bare.replace("E+", "").replace("E-", "")) and "0" not in bare.split(".")[0]:
        has_day, has_time = bool(DAY_LETTERS.search(bare)), bool(TIME_LETTERS.search(bare))
        return lambda value: _moment(value, since_1904, has_day=has_day, has_time=has_time)
    return _numeric(section, bare)


def _numeric(section: str, bare: str) -> Shown:
    digits = DIGITS.search(bare)
    if digits is None or "E" in bare or "/" in bare:
        return number
    whole, _dot, fraction = digits[0].partition(".")
    decimals, padded, grouped = len(fraction), whole.replace(",", "").count("0"), "," in whole.rstrip(",")
    scale = 100.0 if "%" in bare else 1.0
    template = LITERALS.sub(_literal, section)
    place = DIGITS.search(template)
    before, after = (template[: place.start()], template[place.end() :]) if place else ("", "")
    optional = fraction.count("#") + fraction.count("?")

    def shown(value: float) -> str:
        text = format(abs(value) * scale, f"{',' if grouped else ''}.{decimals}f")
        if optional:
            text = _without_zeros(text, decimals - optional)
        if padded > 1:
            text = text.zfill(padded + (decimals + 1 if decimals else 0))
        sign = "-" if value < 0 and text.strip("0.,") else ""
        return f"{sign}{before.strip()}{text}{after.rstrip()}"

    return shown


def _literal(match: re.Match[str]) -> str:
    return match[1] or match[2] or match[3] or ""


def _without_zeros(text: str, kept: int) -> str:
    whole, _dot, fraction = text.partition(".")
    fraction = fraction[:kept] + fraction[kept:].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def _moment(value: float, since_1904: bool, *, has_day: bool, has_time: bool) -> str:
    if not 0 <= value <= LAST_DAY:
        return number(value)
    when = DAY_ZERO[since_1904] + datetime.timedelta(seconds=round(value * 86_400))
    clock = when.time().isoformat("minutes" if not when.second else "seconds")
    if not has_day or (value < 1 and has_time):
        return clock if has_time else when.date().isoformat()
    return f"{when.date().isoformat()} {clock}" if has_time and value % 1 else when.date().isoformat()


def _elapsed(value: float) -> str:
    minutes, seconds = divmod(round(abs(value) * 86_400), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{'-' if value < 0 else ''}{hours}:{minutes:02}:{seconds:02}"
