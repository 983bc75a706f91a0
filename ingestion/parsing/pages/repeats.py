"""Running headers, footers and page numbers: what stands at the same height of many pages, and says the same."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ingestion.parsing.pages.lines import Line, Page

PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:page|p\.|第)?\s*\d{1,4}\s*(?:页|頁)?\s*(?:(?:/|of|共)\s*\d{1,4}\s*(?:页|頁)?)?[-–—|\s]*", re.I
)
DIGITS = re.compile(r"\d+")
MARGIN = 0.12


def drop_repeated(pages: Sequence[Page]) -> None:
    """Take out running headers and footers: the same words at the same height on many pages, and page numbers."""
    outermost = [_outermost(page.lines) for page in pages]
    seen = Counter(place for rows in outermost for place in {_place(line) for row in rows for line in row})
    often = max(3, len(pages) // 4)
    for page, rows in zip(pages, outermost, strict=True):
        repeated = {
            id(line) for row in rows for line in row if seen[_place(line)] >= often or _is_page_number(row, page)
        }
        if len(repeated) < len(page.lines):
            page.lines = [line for line in page.lines if id(line) not in repeated]


def _outermost(lines: list[Line]) -> list[list[Line]]:
    """The two highest and the two lowest rows of a page."""
    rows: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        rows[round(line.middle)].append(line)
    heights = sorted(rows)
    return [rows[height] for height in {*heights[:2], *heights[-2:]}]


def _is_page_number(row: list[Line], page: Page) -> bool:
    """Whether nothing but a page number stands in `row`, and that in the margin."""
    in_margin = not MARGIN * page.height < row[0].middle < (1 - MARGIN) * page.height
    return len(row) == 1 and in_margin and bool(PAGE_NUMBER.fullmatch(row[0].text))


def _place(line: Line) -> tuple[str, int]:
    return DIGITS.sub("#", line.text.casefold()), round(line.middle / 4)
