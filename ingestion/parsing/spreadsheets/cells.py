"""Cells, merged ranges and sheets of any spreadsheet, and references to them in A1 notation.

Readers of file formats make sheets; `grid` makes elements of them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ingestion.parsing.elements import Element

Cells = dict[int, str]
"""The texts of one row by column, from 0; empty cells are absent."""
RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
NOT_A_COLUMN = -1


class Merged(NamedTuple):
    """A range of merged cells; rows from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows with numbers, and the elements `beside` the cells (comments, charts)."""

    title: str
    is_hidden: bool
    rows: Iterable[tuple[int, Cells]]
    merged: list[Merged] = field(default_factory=list)
    beside: Callable[[], Iterable[Element]] = tuple


@lru_cache(maxsize=20_000)
def column_of(letters: str) -> int:
    """The index of a column from 0, or NOT_A_COLUMN if `letters` name none."""
    if not (letters.isascii() and letters.isalpha()):
        return NOT_A_COLUMN
    found = 0
    for letter in letters[:3].upper():
        found = found * 26 + ord(letter) - 64
    return found - 1


def area_of(reference: str) -> Merged | None:
    """The range of a reference such as "B2:C4" or "B2", or None if `reference` is malformed."""
    found = RANGE.fullmatch(reference)
    if found is None:
        return None
    top, left = int(found[2]), column_of(found[1])
    return Merged(top, left, int(found[4] or top), column_of(found[3]) if found[3] else left)


def letters_of(column: int) -> str:
    """The letters of a column, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
