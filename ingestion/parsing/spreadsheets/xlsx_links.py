"""Addresses of cells in a workbook (XLSX), and formulas without a stored result."""

import html
import re
from typing import Final

from ingestion.parsing.spreadsheets.cells import area_of
from ingestion.parsing.text.links import with_address

Links = dict[int, dict[int, str]]  # By row from 1, by column from 0.

LINK: Final = re.compile(rb"<(?:\w+:)?hyperlink\b([^<>]{1,2000})")
REFERENCE: Final = re.compile(rb'\sref="([^"]{1,30})"')
RELATION: Final = re.compile(rb'\s\w+:id="([^"]{1,80})"')
MAX_LINKED_CELLS: Final = 100_000
LINK_FUNCTION: Final = "HYPERLINK("
CALL: Final = re.compile(
    r'HYPERLINK\(\s*"((?:[^"]|""){1,500})"\s*(?:,\s*"((?:[^"]|""){0,500})"\s*)?[,)]'
)
NEW_FUNCTION: Final = re.compile(r"_xl(?:fn|ws)\.")
MAX_FORMULA_CHARACTERS: Final = 500


def sheet_links(data: bytes, addresses: dict[str, str]) -> Links:
    """Return the addresses of the cells of a sheet; `addresses` are its relations by id."""
    links: Links = {}
    left = MAX_LINKED_CELLS
    # Links come after the many cells.
    for match in LINK.finditer(data, max(0, data.rfind(b"sheetData>"))) if addresses else ():
        reference, relation = REFERENCE.search(match[1]), RELATION.search(match[1])
        area = area_of(reference[1].decode("ascii", "replace")) if reference else None
        address = (
            addresses.get(html.unescape(relation[1].decode("utf-8", "replace")))
            if relation
            else None
        )
        if not area or not address:
            continue
        left -= (area.bottom - area.top + 1) * (area.right - area.left + 1)
        if left < 0:
            break
        for row in range(area.top, area.bottom + 1):
            links.setdefault(row, {}).update(
                dict.fromkeys(range(area.left, area.right + 1), address)
            )
    return links


def formula_text(formula: str, result: str, *, is_kept: bool) -> str:
    """Return the text of a cell with a formula: its result or, without a result, the formula.

    An empty text is a result, too. A link of the formula has its address after its words.
    """
    call = CALL.search(formula) if LINK_FUNCTION in formula else None
    if call:
        address, words = (part.replace('""', '"') if part else "" for part in call.groups())
        return with_address(result or words or address, address)
    if result or is_kept:
        return result
    return f"={NEW_FUNCTION.sub('', formula)[:MAX_FORMULA_CHARACTERS]}"
