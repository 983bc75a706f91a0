"""From the lines of a PDF to its paragraphs and headings: by where lines stand, how large they are, and its bookmarks.

Guesses, made cheap and careful: a wrong heading misleads more than a missing one. Reading the file belongs to `pdf`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from ingestion.parsing.cleaning import BULLET, listed_or_paragraph
from ingestion.parsing.elements import Element, Kind
from ingestion.parsing.joining import joined
from ingestion.parsing.pdflines import HYPHEN, Line

Page = list[Line]

SENTENCE_ENDS = tuple(".!?:;。！？：；…”」』)）")
AFTER_SENTENCE = "\"'”’」』"
NUMBERED = re.compile(
    r"(\d{1,2}(?:\.\d{1,2}){0,4})[.、]?\s+\S|第[一二三四五六七八九十百\d]+[章节節条]|[一二三四五六七八九十]{1,3}、"
)
HAS_WORD = re.compile(r"[^\W\d_]{2}|[\u3400-\u9fff]")
LONGEST_HEADING = 150
LARGER = 1.12
DEEPEST = 6
BOLD_IS_RARE = 0.25
NEXT_LINE = 1.45  # In line heights: a step further down begins a paragraph.


def mark_headings(pages: Sequence[Page], bookmarks: dict[int, list[tuple[str, int]]]) -> None:
    """Set the level of the lines that are headings: from the bookmarks, or where these fail from size and weight."""
    found = sum(_mark_bookmarked(page, bookmarks.get(number, [])) for number, page in enumerate(pages))
    if found >= 3:
        return
    lines = [line for page in pages for line in page]
    body, levels = _sizes(lines)
    bold = sum(len(line.text) for line in lines if line.bold)
    bold_is_rare = bold < BOLD_IS_RARE * sum(len(line.text) for line in lines)
    for page in pages:
        for line in page:
            if line.level == 0 and _may_be_heading(line.text):
                line.level = levels.get(round(line.size), 0)
        if bold_is_rare:
            _mark_bold(page, body, len(set(levels.values())))


def _mark_bookmarked(page: Page, bookmarks: Iterable[tuple[str, int]]) -> int:
    """Mark the lines that say what a bookmark to this page says; answers how many bookmarks were found."""
    count = 0
    keys = [_letters(line.text) for line in page]
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
    """How many of the first lines make up the title; 0 when they do not."""
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
    """The size of the running text, and the level that each larger size stands for."""
    characters: Counter[int] = Counter()
    for line in lines:
        characters[round(line.size)] += len(line.text)
    if not characters:
        return 0.0, {}
    body = characters.most_common(1)[0][0]
    larger = sorted((size for size in characters if size >= body * LARGER and size > body), reverse=True)
    larger = [size for size in larger if characters[size] < 0.2 * characters.total()]
    groups: list[int] = []
    levels = {}
    for size in larger:
        if not groups or groups[-1] > size * 1.06:
            groups.append(size)
        levels[size] = min(len(groups), DEEPEST)
    return float(body), levels


def _may_be_heading(text: str) -> bool:
    return len(text) <= LONGEST_HEADING and bool(HAS_WORD.search(text)) and not BULLET.match(text)


def _mark_bold(page: Page, body: float, above: int) -> None:
    """Mark lines in bold that stand alone: numbered ones by the depth of their number."""
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
        if following is None or following.bold or _same_row(line, following):
            continue
        if numbered := NUMBERED.match(line.text):
            line.level = min(above + 1 + (numbered[1] or "").count("."), DEEPEST)


def page_elements(page: Page, number: int) -> Iterator[Element]:
    """The headings and paragraphs of one page."""
    for block in _blocks(page):
        level = block[0].level
        if level:
            text = ""
            for line in block:
                text = _joined(text, line.text)
            yield Element(Kind.HEADING, text, number, level)
        else:
            yield from _paragraphs(block, number)


def _blocks(page: Page) -> Iterator[list[Line]]:
    """The lines that belong together."""
    block: list[Line] = []
    for line in page:
        if block and _begins_block(block, line):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _begins_block(lines: list[Line], line: Line) -> bool:
    """Whether `line` no longer belongs to the lines before it."""
    last = lines[-1]
    if line.level != last.level:
        return True
    if last.text.endswith(HYPHEN) or _same_row(last, line):
        return False
    size = max(min(last.size, line.size), 1.0)
    step = last.middle - line.middle
    if line.level:
        return not 0 < step < 2 * size
    if step < 0 or step > 12 * size:  # A new column, or a jump: the sentence may still go on.
        return _ends_sentence(last) or not _alike(last, line)
    return step > _usual_step(lines, size) * NEXT_LINE or not _alike(last, line) or bool(BULLET.match(line.text))


def _ends_sentence(line: Line) -> bool:
    return line.text.endswith(SENTENCE_ENDS) or line.text.rstrip(AFTER_SENTENCE).endswith(SENTENCE_ENDS)


def _alike(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= 0.2 * max(one.size, other.size)


def _same_row(one: Line, other: Line) -> bool:
    return abs(one.middle - other.middle) < 0.45 * max(one.size, other.size)


def _usual_step(lines: list[Line], size: float) -> float:
    """How far apart the last lines of the block stand."""
    steps = sorted(above.middle - below.middle for above, below in pairwise(lines[-6:]))
    steps = [step for step in steps if 0.5 * size < step < 3 * size]
    return steps[len(steps) // 2] if steps else 1.15 * size


def _paragraphs(lines: list[Line], number: int) -> Iterator[Element]:
    """The paragraphs of a block: a line that ends early ends its paragraph, or is a line of its own."""
    edge = max(line.right for line in lines)
    text = ""
    for position, line in enumerate(lines):
        last = lines[position - 1] if position else None
        if last is None or _goes_on(last, line, edge):
            text = _joined(text, line.text)
        elif _ends_sentence(last):
            yield listed_or_paragraph(text, number)
            text = line.text
        else:
            text = f"{text}\n{line.text}"
    yield listed_or_paragraph(text, number)


def _goes_on(last: Line, line: Line, edge: float) -> bool:
    """Whether the text ran into the next line because it had to: its first word would not have fitted."""
    if last.text.endswith(HYPHEN) or _same_row(last, line):
        return True
    if line.middle > last.middle:
        return True
    width = (last.right - last.left) / max(len(last.text), 1)
    word = line.text.split(maxsplit=1)[0]
    room = width * (len(word) + 1) if word.isascii() else width * 2
    return last.right + room >= edge - width


def _joined(text: str, line: str) -> str:
    # The sign stays until the whole document is known, see `pdf`.
    return text + line if text.endswith(HYPHEN) else joined(text, line)
