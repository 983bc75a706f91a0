"""Raised digits in running text: exponents are written with `^`, note marks apart from words."""

import re
from typing import Final

RAISED: Final = re.compile(r"[-+−–,]?\d{1,3}(?:[,–-]\d{1,3})*")
POWER_OF_TEN: Final = re.compile(r"(?:^|[^\d.,])10$")
UNIT: Final = re.compile(r"(?:^|[\s\d/·*(])(?:[kcdmµμn]?m|in|ft|yd|s|kg)$")
VARIABLE: Final = re.compile(r"(?:^|[\s\d(*/+=])[A-Za-zα-ω]$|\)$")
SMALL_POWER: Final = re.compile(r"[-+−–]?[1-9]")
TO_RAISED: Final = str.maketrans("0123456789-+−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁻⁻")


def with_raised(before: str, raised: str) -> str:
    """Return the notation of `raised` digits after `before`: `^-6` after 10, ` ³` after 1,200."""
    signed = raised[0] in "-+−–"
    power = f"^{raised.replace('−', '-').replace('–', '-')}"
    if POWER_OF_TEN.search(before) or (signed and before[-1:].strip()):
        return power
    if SMALL_POWER.fullmatch(raised) and (UNIT.search(before) or VARIABLE.search(before)):
        return power
    return ("" if raised[0] == "," else " ") + raised.translate(TO_RAISED)
