"""Headings among lines, by bookmarks, or else by font size, weight and numbers.

The rules are cheap and cautious, because a wrong heading misleads more than a missing one.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ingestion.parsing.layout.lines import Line
from ingestion.parsing.text.cleaning import BULLET

NUMBERED = re.compile(
    r"(\d{1,2}(?:\.\d{1,2}){0,4})[.、]?\s+\S|第[一二三四五六七八九十百\d]+[章节節条]|[一二三四五六七八九十]{1,3}、"
)
HAS_WORD = re.compile(r"[^\W\d_]{2}|[\u3400-\u9fff]")
MAX_HEADING_CHARACTERS = 150
MIN_HEADING_SIZE_RATIO = 1.12  # Relative to the running text.
MAX_LEVEL = 6
MAX_BOLD_SHARE = 0.25  # In a document with more bold text, bold does not mark headings.


def mark_headings(
    pages: Sequence[list[Line]], bookmarks: Mapping[int, Sequence[tuple[str, int]]]
) -> None:
    """Set the level of headings, from bookmarks or, if few match, from size and weight."""
    found = sum(
        _mark_bookmarked(page, bookmarks.get(number, [])) for number, page in enumerate(pages)
    )
    if found >= 3:
        return
    lines = [line for page in pages for line in page]
    body, levels = _sizes(lines)
    bold = sum(len(line.text) for line in lines if line.bold)
    bold_is_rare = bold < MAX_BOLD_SHARE * sum(len(line.text) for line in lines)
    for page in pages:
        for line in page:
            level = levels.get(round(line.size), 0)
            if level and line.level == 0 and _may_be_heading(line.text):
                line.level = level
        if bold_is_rare:
            _mark_bold(page, body, len(set(levels.values())))


def _mark_bookmarked(page: list[Line], bookmarks: Sequence[tuple[str, int]]) -> int:
    """Mark the lines that match a bookmark to this page; return the number of matches."""
    count = 0
    keys = [_letters(line.text) for line in page] if bookmarks else []
    for title, level in bookmarks:
        wanted = _letters(title)
        for start in range(len(page)):
            if wanted and (length := _match_length(keys[start : start + 3], wanted)):
                for line in page[start : start + length]:
                    line.level = level
                count += 1
                break
    return count


def _match_length(keys: list[str], wanted: str) -> int:
    """The number of leading lines that make up the title, or 0."""
    so_far = ""
    for length, key in enumerate(keys, start=1):
        so_far += key
        if so_far == wanted or so_far.lstrip("0123456789") == wanted.lstrip("0123456789") != "":
            return length
        if not wanted.startswith(so_far):
            return 0
    return 0


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _sizes(lines: Sequence[Line]) -> tuple[float, dict[int, int]]:
    """The size of the running text, and the heading level of each larger size."""
    characters: Counter[int] = Counter()
    for line in lines:
        characters[round(line.size)] += len(line.text)
    if not characters:
        return 0.0, {}
    body = characters.most_common(1)[0][0]
    larger = sorted(
        (size for size in characters if size >= body * MIN_HEADING_SIZE_RATIO and size > body),
        reverse=True,
    )
    larger = [size for size in larger if characters[size] < 0.2 * characters.total()]
    groups: list[int] = []
    levels = {}
    for size in larger:
        if not groups or groups[-1] > size * 1.06:
            groups.append(size)
        levels[size] = min(len(groups), MAX_LEVEL)
    return float(body), levels


def _may_be_heading(text: str) -> bool:
    return (
        len(text) <= MAX_HEADING_CHARACTERS
        and bool(HAS_WORD.search(text))
        and not BULLET.match(text)
    )


def _mark_bold(page: list[Line], body: float, above: int) -> None:
    """Mark bold lines that stand alone; the depth of their number sets the level."""
    for position, line in enumerate(page):
        if (
            line.level
            or not line.bold
            or line.size < body * 0.95
            or not _may_be_heading(line.text)
            or len(line.text) > 90
        ):
            continue
        if line.text.endswith((",", ";", "，", "；", ".", "。")):
            continue
        following = page[position + 1] if position + 1 < len(page) else None
        if following is None or following.bold or line.in_row_with(following):
            continue
        if numbered := NUMBERED.match(line.text):
            line.level = min(above + 1 + (numbered[1] or "").count("."), MAX_LEVEL)
