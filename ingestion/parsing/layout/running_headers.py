"""Running headers, footers and page numbers: margin lines with equal text on many pages.

Digits may differ only if they count the pages. In doubt a line stays: a superfluous line costs
little, but the number of a certificate or the first row of a table must not be lost.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from ingestion.parsing.layout.lines import Line, Page, rows_of

MARGIN_SHARE = 0.12  # Share of the height of the page.
MAX_MARGIN_ROWS = 4
MIN_PAGES = 3
MAX_RUNNING_CHARACTERS = 300
# The gap between a running line and the body, in line heights and in steps between the rows of the
# page. Nearer lines belong to the body.
APART_HEIGHTS = 1.8
APART_STEPS = 1.4
# Relative to the size of the body.
TITLE_SIZE_RATIO = 1.12  # A larger line is a title, unless half of the pages have it.
CHAPTER_NUMBER_SIZE_RATIO = 1.5  # A larger number is that of a step or a chapter.
MIN_TABLE_CELLS = 3
# A line alone in its row at one height of so many pages is running, even without a gap to the body.
MIN_FIXED_PAGES = 8
MIN_FIXED_SHARE = 0.75
SAME_HEIGHT_POINTS = 3
# In a key, a number that is one more than the index of its page. Such a number is a page number
# even if no other page has one.
PHYSICAL_NUMBER = "#1#"

NUMBER = re.compile(r"(?<![\d.,])\d{1,4}(?![\d.,])")
PAGE_WORD = r"(?<![^\W_])(?:pages?|pg|p(?=\.)|seite|página|pagina|pág|strona|стр)[\s._-]*"
BEFORE_NUMBER = re.compile(rf"[-–—|·\s]*(?:{PAGE_WORD}|第\s*)?")
AFTER_NUMBER = re.compile(
    r"\s*+(?:[页頁]\s*+)?(?:(?:/|of|von|de|共)\s*\d{1,4}(?:\s*+[页頁])?)?[-–—|·\s]*+"
)
AFTER_WORD, BEFORE_WORD = re.compile(rf"{PAGE_WORD}$"), re.compile(r"\s*(?:[页頁]|ページ)")
DIVIDED_BEFORE, DIVIDED_AFTER = re.compile(r"[|·•]\s*$"), re.compile(r"\s*[|·•]")
WORD_CHARACTER = re.compile(r"\w")


class _MarginLine(NamedTuple):
    """A line in the margin of a page: `is_apart` if a gap separates it from the body.

    `beside` holds the other lines of its row.
    """

    line: Line
    text: str
    page: int
    is_at_top: bool
    is_apart: bool
    beside: list[Line]

    def level_with(self, heights: Counter[int]) -> int:
        """The number of `heights` that are about the height of this line."""
        middle = round(self.line.middle)
        return sum(
            heights[height]
            for height in range(middle - SAME_HEIGHT_POINTS, middle + SAME_HEIGHT_POINTS + 1)
        )


class _Key(NamedTuple):
    """The text that lines of several pages share, its page number reduced by the page index."""

    is_at_top: bool
    text: str


def drop_repeated(pages: Sequence[Page]) -> Counter[str]:
    """Remove running headers, footers and page numbers; return the wording and count of each."""
    lines = [line for index, page in enumerate(pages) for line in _margin_lines(page, index)]
    characters: Counter[float] = Counter()  # By font size.
    for page in pages:
        for line in page.lines:
            characters[round(line.size, 1)] += len(line.text)
    size = characters.most_common(1)[0][0] if characters else 0.0
    repeated = _repeated(lines, len(pages), size)
    repeated |= _page_numbers(lines, repeated, size)
    wordings: dict[_Key, str] = {}
    left_out: Counter[str] = Counter()
    for page in pages:
        kept = [line for line in page.lines if id(line) not in repeated]
        if kept:
            gone = [(repeated[id(line)], line.text) for line in page.lines if id(line) in repeated]
            left_out.update(wordings.setdefault(key, text) for key, text in gone)
            page.lines = kept
    return left_out


def _repeated(lines: Sequence[_MarginLine], page_count: int, body_size: float) -> dict[int, _Key]:
    """The lines repeated on many pages, by identity, each with the key that they share."""
    often, mostly = (
        max(MIN_PAGES, page_count // 4),
        max(MIN_FIXED_PAGES, MIN_FIXED_SHARE * page_count),
    )
    texts = [(line, _Key(line.is_at_top, line.text)) for line in lines]
    running = {
        key.text for key, heights in _heights(texts, apart=True).items() if heights.total() >= often
    }
    keyed = [*texts, *((line, key) for line in lines for key in _keys_with_number(line, running))]
    apart, anywhere = _heights(keyed, apart=True), _heights(keyed, apart=False)
    repeated: dict[int, _Key] = {}
    for line, key in keyed:
        fewest = (
            max(often, page_count / 2) if line.line.size > TITLE_SIZE_RATIO * body_size else often
        )
        is_running = apart[key].total() >= fewest and (line.is_apart or line.level_with(apart[key]))
        if is_running or (not line.beside and line.level_with(anywhere[key]) >= mostly):
            repeated[id(line.line)] = key
    return repeated


def _keys_with_number(line: _MarginLine, running: Container[str]) -> Iterator[_Key]:
    """Yield a key for each number in the line that may be the page number."""
    for match in NUMBER.finditer(line.text):
        before, after = line.text[: match.start()], line.text[match.end() :]
        if (
            AFTER_WORD.search(before)
            or BEFORE_WORD.match(after)
            or (not after and DIVIDED_BEFORE.search(before))
            or (not before and DIVIDED_AFTER.match(after))
            or f"{before}{after}".strip() in running
        ):
            yield _Key(line.is_at_top, f"{before}#{int(match[0]) - line.page}#{after}")


def _page_numbers(
    lines: Sequence[_MarginLine], repeated: Container[int], body_size: float
) -> dict[int, _Key]:
    """The lines that are only a page number, alone in their row or beside running lines."""
    alone: list[tuple[_MarginLine, _Key]] = []
    others: list[tuple[_MarginLine, _Key]] = []
    for line in lines:
        match = NUMBER.search(line.text)
        if (
            match is None
            or line.line.size > CHAPTER_NUMBER_SIZE_RATIO * body_size
            or (line.is_at_top and not line.is_apart)
        ):
            continue
        before, after = line.text[: match.start()], line.text[match.end() :]
        if BEFORE_NUMBER.fullmatch(before) and AFTER_NUMBER.fullmatch(after):
            key = _Key(line.is_at_top, f"{before}#{int(match[0]) - line.page}#{after}")
            (alone if all(id(other) in repeated for other in line.beside) else others).append(
                (line, key)
            )
    known = _heights(alone, apart=False)
    numbers = [
        (line, key)
        for line, key in alone
        if known[key].total() >= MIN_PAGES or PHYSICAL_NUMBER in key.text
    ]
    numbers += [
        (line, key)
        for line, key in others
        if known[key].total() >= MIN_PAGES and line.level_with(known[key])
    ]
    return {id(line.line): key for line, key in numbers}


def _heights(keyed: Iterable[tuple[_MarginLine, _Key]], *, apart: bool) -> dict[_Key, Counter[int]]:
    """The number of pages by key and height; with `apart` only of lines apart from the body."""
    found = {
        (key, line.page): line.line.middle for line, key in keyed if line.is_apart or not apart
    }
    heights: dict[_Key, Counter[int]] = defaultdict(Counter)
    for (key, _page), height in found.items():
        heights[key][round(height)] += 1
    return heights


def _margin_lines(page: Page, index: int) -> Iterator[_MarginLine]:
    """The lines in the top and bottom margin of a page."""
    middles = sorted({round(line.middle) for line in page.lines})
    steps = sorted(step for low, high in pairwise(middles) if (step := high - low) > 2)
    apart = APART_STEPS * steps[len(steps) // 4] if steps else 0.0
    for is_at_top in (True, False):
        rows, body = _margin_rows(page, is_at_top=is_at_top)
        following = [*rows[1:], body][: len(rows)]
        gaps = [
            (
                abs(row[0].middle - inner[0].middle) if inner else page.height,
                max(line.size for line in row),
            )
            for row, inner in zip(rows, following, strict=True)
        ]
        reach = max(
            (n for n, (gap, size) in enumerate(gaps) if gap > max(apart, APART_HEIGHTS * size)),
            default=-1,
        )
        for number, (row, inner) in enumerate(zip(rows, following, strict=True)):
            is_apart = number <= reach and not _is_table_header(row, inner)
            for line in row:
                text = " ".join(line.text.casefold().split())
                if len(text) <= MAX_RUNNING_CHARACTERS and WORD_CHARACTER.search(text):
                    yield _MarginLine(
                        line, text, index, is_at_top, is_apart, [o for o in row if o is not line]
                    )


def _margin_rows(page: Page, *, is_at_top: bool) -> tuple[list[list[Line]], list[Line]]:
    """The rows in one margin from the edge inwards, and the row of the body that follows them."""
    edge = (1 - MARGIN_SHARE) * page.height if is_at_top else MARGIN_SHARE * page.height
    inside = [line for line in page.lines if (line.middle > edge) == is_at_top]
    rows = rows_of(inside)[:: 1 if is_at_top else -1]
    if len(rows) > MAX_MARGIN_ROWS:
        return rows[:MAX_MARGIN_ROWS], rows[MAX_MARGIN_ROWS]
    others = [line for line in page.lines if (line.middle > edge) != is_at_top]
    if not others:
        return rows, []
    nearest = (max if is_at_top else min)(others, key=attrgetter("middle"))
    return rows, [line for line in others if line is nearest or line.in_row_with(nearest)]


def _is_table_header(row: Sequence[Line], inner: Sequence[Line]) -> bool:
    """Whether the cells of `row` stand over those of the next row."""
    if len(row) < MIN_TABLE_CELLS or len(inner) < MIN_TABLE_CELLS:
        return False
    return all(
        any(cell.left < line.right and line.left < cell.right for cell in inner) for line in row
    )
