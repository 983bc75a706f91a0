"""Pages, boxes, repeated margins and tables in the elements of other programs.

Any value may be of a wrong type; then only this value is dropped. The modules `unstructured` and
`docling` know the formats.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from ingestion.parsing.elements import Element, Footer, Header, Table, make_element, place
from ingestion.parsing.parsed import Box
from ingestion.parsing.text.tables import Row, table_elements

MAX_PAGE_NUMBER = 1_000_000
MAX_LEVEL = 9
DIGITS = re.compile(r"\d+")


def page_in(value: Any) -> int | None:
    """Return the page number in a JSON value, or None if the value is invalid."""
    return value if type(value) is int and 0 < value <= MAX_PAGE_NUMBER else None


def box_on_page(
    sides: tuple[Any, Any, Any, Any], size: tuple[Any, Any], *, upwards: bool
) -> Box | None:
    """Return the box (left, lower y, right, higher y) on a page of `size`; None if it lies outside.

    `upwards` means that y counts from the bottom.
    """
    with suppress(TypeError, ValueError, ArithmeticError):
        left, low, right, high = map(float, sides)
        width, height = map(float, size)
        top, bottom = (height - high, height - low) if upwards else (low, high)
        shares = left / width, top / height, right / width, bottom / height
        if 0 <= shares[0] <= shares[2] <= 1 and 0 <= shares[1] <= shares[3] <= 1:
            return Box(*shares)
    return None


def table_of(
    rows: Iterable[Row], text: str, page: int | None, box: Box | None
) -> Iterator[Element]:
    """Yield the elements of a table, or of its text if there are no rows."""
    for element in list(table_elements(rows, page)) or [make_element(Table, text, page)]:
        place(element, box)
        yield element


def without_repeated_margins(elements: Iterable[Element]) -> Iterator[Element]:
    """Yield the elements; of margin elements that differ only in digits, only the first."""
    seen: set[str] = set()
    for element in elements:
        if type(element) in (Header, Footer):
            words = DIGITS.sub("", element.text).casefold()
            if words in seen or not words.strip():
                continue
            seen.add(words)
        yield element
