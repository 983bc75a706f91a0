"""From the lines of a page to paragraphs, list items and captions, by the places of lines."""

import re
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise

from ingestion.parsing.elements import (
    Element,
    FigureCaption,
    ListItem,
    NarrativeText,
    Title,
    make_element,
    place,
)
from ingestion.parsing.layout.lines import HYPHEN, Line, Page
from ingestion.parsing.text.cleaning import BULLET
from ingestion.parsing.text.line_joining import joined
from ingestion.parsing.text.tables import table_elements

SENTENCE_ENDS = tuple(".!?:;。！？：；…”」』)）")
AFTER_SENTENCE = "\"'”’」』"
MAX_CAPTION_CHARACTERS = 400
CAPTION = re.compile(
    r"(?:(?i:figure|fig\.|table|tab\.|chart|exhibit|plate)\s*[A-Z]?\d+(?:[.-]\d+)*\s*(?:[.:|–—]|\s[A-Z\u4e00-\u9fff])"
    r"|[图圖表]\s*\d+(?:[.-]\d+)*(?:[:：.、\s]|$))",
)
MAX_STEP_RATIO = 1.45  # Relative to the usual step between lines; a larger one begins a paragraph.


def page_elements(page: Page, number: int) -> Iterator[Element]:
    """The headings, paragraphs and tables of one page, each with its box."""
    for block in _blocks(page.lines):
        if block[0].cells:
            for element in table_elements(block[0].cells, number):
                place(element, page.box(block))
                yield element
        elif block[0].level:
            text = reduce(_joined, (line.text for line in block))
            yield make_element(Title, text, number, block[0].level, page.box(block))
        else:
            for text, lines in _paragraphs(block):
                box = page.box(lines)
                if bullet := BULLET.match(text):
                    yield make_element(ListItem, text[bullet.end() :], number, box=box)
                else:
                    is_caption = len(text) <= MAX_CAPTION_CHARACTERS and CAPTION.match(text)
                    yield make_element(
                        FigureCaption if is_caption else NarrativeText, text, number, box=box
                    )


def _blocks(lines: list[Line]) -> Iterator[list[Line]]:
    """Yield blocks: lines that belong together."""
    block: list[Line] = []
    for line in lines:
        if block and _begins_block(block, line):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _begins_block(lines: list[Line], line: Line) -> bool:
    """Whether `line` does not belong to the block `lines`."""
    last = lines[-1]
    if line.level != last.level or line.cells or last.cells:
        return True
    if last.text.endswith(HYPHEN) or last.in_row_with(line):
        return False
    size = max(min(last.size, line.size), 1.0)
    step = last.middle - line.middle
    if line.level:
        return not 0 < step < 2 * size
    if step < 0 or step > 12 * size:  # A new column or a jump: the sentence may continue.
        return ends_sentence(last) or not last.is_like(line)
    steps = sorted(above.middle - below.middle for above, below in pairwise(lines[-6:]))
    steps = [usual for usual in steps if 0.5 * size < usual < 3 * size]
    usual_step = steps[len(steps) // 2] if steps else 1.15 * size
    return (
        step > usual_step * MAX_STEP_RATIO
        or not last.is_like(line)
        or bool(BULLET.match(line.text))
    )


def ends_sentence(line: Line) -> bool:
    """Whether the text of `line` ends with a sentence."""
    return line.text.endswith(SENTENCE_ENDS) or line.text.rstrip(AFTER_SENTENCE).endswith(
        SENTENCE_ENDS
    )


def _paragraphs(block: list[Line]) -> Iterator[tuple[str, list[Line]]]:
    """The paragraphs of a block; a line that ends early ends a paragraph or stays a line."""
    edge = max(line.right for line in block)
    text, lines = block[0].text, [block[0]]
    for last, line in pairwise(block):
        if goes_on(last, line, edge):
            text = _joined(text, line.text)
        elif ends_sentence(last):
            yield text, lines
            text, lines = line.text, []
        else:
            text = f"{text}\n{line.text}"
        lines.append(line)
    yield text, lines


def goes_on(last: Line, line: Line, edge: float) -> bool:
    """Whether `line` continues `last`: its first word did not fit before the right edge."""
    if last.text.endswith(HYPHEN) or last.in_row_with(line):
        return True
    if line.middle > last.middle:
        return True
    width = (last.right - last.left) / max(len(last.text), 1)
    word = line.text.split(maxsplit=1)[0]
    room = width * (len(word) + 1) if word.isascii() else width * 2
    return last.right + room >= edge - width


def _joined(text: str, line: str) -> str:
    # `layout.elements` resolves HYPHEN once all words of the document are known.
    return text + line if text.endswith(HYPHEN) else joined(text, line)
