"""Raised figures in plain notation: 10^-6, m^2; the mark of a note stands apart."""

import re
from typing import Final

FIGURES: Final = re.compile(r"([+\-\u2010\u2011\u2012\u2013\u2212]?)(\d{1,3})")
# A number that is too long for the base of a power: with a separator or three digits.
LONG_NUMBER: Final = re.compile(r"(?:\d[.,]\d|\d{3})\d*\Z")
LOOKBEHIND_CHARACTERS: Final = 20


def raised(before: str, text: str) -> str:
    """Return the notation of the raised `text` after the text `before`.

    After a number with a separator or more than two digits, it is the mark of a note: "1,200 ^3".
    """
    figures = FIGURES.fullmatch(text.strip())
    if figures is None or not before or before[-1].isspace():
        return text
    power = f"^{'-' if figures[1] and figures[1] != '+' else figures[1]}{figures[2]}"
    is_note = not figures[1] and LONG_NUMBER.search(before[-LOOKBEHIND_CHARACTERS:])
    return f" {power}" if is_note else power
