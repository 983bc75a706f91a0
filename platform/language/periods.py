"""Periods that texts name: years, quarters and months, in English and Chinese spellings.

Pure functions. All spellings of a period are equal: "Q3 2023", "2023_3Q", "third quarter of fiscal
2023", "2023年第三季度". A fiscal year counts as the year whose number it has.
"""

import re
import unicodedata
from typing import Final, NamedTuple

_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
# An underscore separates words in file names.
_START: Final = r"(?<![^\W_])"
_END: Final = r"(?![^\W_])"
_QUARTER: Final = (
    rf"(?:q\s?(?P<q>[1-4])|(?P<n>[1-4])q|(?P<word>first|second|third|fourth)[\s-]quarter){_END}"
)
_BETWEEN: Final = r"(?:[\s,_./'’-]|of|fiscal|year|fy|the){0,6}"
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_WORDS: Final = {
    **{word: number for number, word in enumerate(("first", "second", "third", "fourth"), start=1)},
    **{word: number for number, word in enumerate("一二三四", start=1)},
}
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_START}{_QUARTER}{_BETWEEN}{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}{_BETWEEN}{_QUARTER}",
        rf"{_YEAR}\s?年?度?\s?第?(?P<word>[一二三四1-4])\s?季",
        rf"{_YEAR}\s?年\s?(?P<month>1[0-2]|0?[1-9])\s?月",
        rf"(?<!\d){_YEAR}[-_./]?(?P<month>0[1-9]|1[0-2])(?:[-_./]?(?:0[1-9]|[12]\d|3[01]))?{_END}",
        rf"{_START}(?P<name>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?\s{{0,2}}(?:\d{{1,2}},?\s{{1,2}})?{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}(?![a-z\d])",
    )
)
_RECENCY: Final = re.compile(
    r"(?<!at the )\blatest\b(?! (?:date|day|time|by|possible))|\bmost recent(?:ly)?\b|\bnewest\b"
    r"|最新|最近[一的]?[期季年份次]"
)


class Period(NamedTuple):
    """A year, or one of its quarters or months, from its first to its last month."""

    year: int
    first_month: int = 1
    last_month: int = 12

    @property
    def term(self) -> str:
        """The period as a term of the index, the same for all spellings."""
        return f"{self.year}:{self.first_month}-{self.last_month}"

    @property
    def end(self) -> int:
        """The last month as year × 100 + month, to compare periods."""
        return self.year * 100 + self.last_month


def periods(text: str) -> list[Period]:
    """Return the periods that `text` names, without those whose spelling lies within another's."""
    text = unicodedata.normalize("NFKC", text).lower()
    found: dict[int, Period] = {}
    taken = bytearray(len(text))
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found[start] = _period(match)
    return [found[start] for start in sorted(found)]


def asks_for_latest(question: str) -> bool:
    """Return whether a question asks for the newest of several documents."""
    return _RECENCY.search(question.lower()) is not None


def _period(match: re.Match[str]) -> Period:
    parts = {name: part for name, part in match.groupdict().items() if part}
    year = int(parts["year"])
    if name := parts.get("name"):
        month = _MONTHS.index(name) + 1
        return Period(year, month, month)
    if number := parts.get("month"):
        return Period(year, int(number), int(number))
    if spelled := parts.get("q") or parts.get("n") or parts.get("word"):
        quarter = _WORDS.get(spelled) or int(spelled)
        return Period(year, 3 * quarter - 2, 3 * quarter)
    return Period(year)
