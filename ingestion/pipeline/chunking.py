"""Splits the elements of a document into chunks of a size that can be found and cited.

`split()`: sections under top headings → blocks → runs of blocks that fill a chunk → chunks. Pure
functions. No text is dropped; a chunk has its headings, pages, boxes and its place in
`document_text`, and never crosses a top heading. A table or code listing that fits is never cut;
one that does not has chunks to itself, those of a table each with its caption and header.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ingestion.parsing.parsed import CAPTION, CODE, LIST_ITEM, PROSE, TABLE, TITLE, ElementRow
from ingestion.pipeline.text_splitter import Count, Tick, cut_lines, cut_prose
from language.sentences import sentence_spans
from language.tokens import count_tokens

__all__ = ["TextChunk", "count_tokens", "document_text", "embedding_text", "split"]

CHUNK_TOKENS: Final = 400
OVERLAP_TOKENS: Final = 50
_LIGHT_SHARE: Final = 0.1  # Of a chunk: a block below it stays with the block that follows.
_MAX_CAPTION_CHARACTERS: Final = 120  # A longer caption is not repeated above each part of a table.
_MAX_HEADING_CHARACTERS: Final = 300  # A longer heading is prose in the style of a heading.
_INDIVISIBLE_TYPES: Final = frozenset({TABLE, CODE})
_PATH_SEPARATOR: Final = " › "
_PAUSE: Final = re.compile(r"[\s，、；,;：]+")
_TABLE_RULE: Final = re.compile(r"[\s|:+=]*+-[\s|:+=-]*+")


class PlacedBox(NamedTuple):
    """A rectangle on a page, in shares of the page's width and height from the top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class Anchor(NamedTuple):
    """The start of an element in a chunk's text, with its page and the number of its box."""

    begin: int
    page: int | None
    box: int | None


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A chunk before it has a row.

    `text` is `document_text` from `start` to `end`, after the caption and header of a table that it
    continues. `boxes` are those of its elements in order, if the format has any; `anchors` map
    parts of the text to pages and boxes.
    """

    text: str
    headings: tuple[str, ...]
    page_from: int | None
    page_to: int | None
    start: int
    end: int
    boxes: tuple[PlacedBox, ...] = ()
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The chunk sizes in tokens, the function that counts them, and the callback of splitting."""

    chunk_tokens: int
    overlap: int
    count: Count
    tick: Tick


@dataclass(frozen=True, slots=True)
class _Block:
    """A span of the text that stays in one chunk, after `header` if it continues a table.

    A block that `is_part` of a table or code listing that was too long shares its chunk only with
    the headings above.
    """

    type: str
    start: int
    end: int
    tokens: float
    page: int | None
    path: tuple[str, ...]
    header: str = ""
    box: PlacedBox | None = None
    is_part: bool = False

    @property
    def is_heading(self) -> bool:
        return self.type == TITLE

    @property
    def is_prose(self) -> bool:
        return self.type not in (TITLE, *_INDIVISIBLE_TYPES)


def document_text(elements: Sequence[ElementRow]) -> str:
    """Return the text of all elements, into which the offsets of chunks point.

    List items are on adjacent lines, other elements are separated by a blank line.
    """
    parts: list[str] = []
    for element, gap in _with_gaps(elements):
        parts += (gap, element.text)
    return "".join(parts)


def split(
    elements: Sequence[ElementRow],
    *,
    chunk_tokens: int = CHUNK_TOKENS,
    overlap: int = OVERLAP_TOKENS,
    count: Count = count_tokens,
    tick: Tick = lambda: None,
) -> list[TextChunk]:
    """Split a document into chunks of at most `chunk_tokens`.

    Neighbours in prose share up to `overlap` tokens. `tick` is called many times a second, and may
    raise.
    """
    elements = [element for element in elements if element.text.strip()]
    sizes = _Sizes(chunk_tokens, min(overlap, chunk_tokens // 2), count, tick)
    text = document_text(elements)
    chunks: list[TextChunk] = []
    for section in _sections(elements, sizes):
        previous: list[_Block] = []
        for run in _packed(section, sizes):
            tick()
            chunks.append(_chunk(text, run, previous, sizes))
            previous = run
    return chunks


def embedding_text(title: str, headings: Sequence[str], text: str) -> str:
    """Return the text that is embedded and indexed: title and headings, then the chunk itself.

    A heading that the chunk begins with is left out.
    """
    beginning = text[: 2 * _MAX_HEADING_CHARACTERS].casefold()
    said: list[str] = []
    for name in (title, *headings):
        known = {*map(str.casefold, said)}
        if (
            name.strip()
            and name.casefold() not in known
            and not (name is not title and name.casefold() in beginning)
        ):
            said.append(name.strip())
    return "\n".join(filter(None, [_PATH_SEPARATOR.join(said), text]))


def _with_gaps(elements: Sequence[ElementRow]) -> Iterator[tuple[ElementRow, str]]:
    previous: str | None = None
    for element in elements:
        listed = previous == element.type == LIST_ITEM
        yield element, "" if previous is None else "\n" if listed else "\n\n"
        previous = element.type


def _sections(elements: Sequence[ElementRow], sizes: _Sizes) -> Iterator[list[_Block]]:
    """Yield the blocks under each top heading."""
    top = _top_level(elements)
    section: list[_Block] = []
    for element, blocks in _blocks(elements, sizes):
        opens = blocks[0].is_heading and (element.level or 0) <= top
        if opens and any(not block.is_heading for block in section):
            yield section
            section = []
        section += blocks
    if section:
        yield section


def _top_level(elements: Sequence[ElementRow]) -> int:
    """Return the level of the headings that divide the document.

    A single heading above all others is the title.
    """
    levels = [element.level for element in elements if element.type == TITLE and element.level]
    top = min(levels, default=1)
    opening = [element for element in elements if element.type != TITLE or element.level][:1]
    if levels.count(top) == 1 and opening and opening[0].type == TITLE and opening[0].level == top:
        return min((level for level in levels if level > top), default=top)
    return top


def _blocks(
    elements: Sequence[ElementRow], sizes: _Sizes
) -> Iterator[tuple[ElementRow, list[_Block]]]:
    chunk_tokens, count = sizes.chunk_tokens, sizes.count
    path: list[tuple[int, str]] = []
    offset = 0
    above = 0.0  # Tokens of the headings and light blocks right before, which share the chunk.
    caption = ""
    for element, gap in _with_gaps(elements):
        sizes.tick()
        offset += len(gap)
        is_long_heading = element.type == TITLE and len(element.text) > min(
            _MAX_HEADING_CHARACTERS, chunk_tokens
        )
        kind = PROSE if is_long_heading else element.type
        if kind == TITLE:
            _descend(path, element)
        names = tuple(name for _, name in path)
        box = None
        if element.box is not None and element.page is not None:
            box = PlacedBox(element.page, *(round(side, 4) for side in element.box))
        cuts = list(_cuts(element, caption, chunk_tokens - int(above), sizes))
        blocks = [
            _Block(
                type=kind,
                start=offset + start,
                end=offset + end,
                tokens=count(gap) + count(element.text[start:end]) + count(header),
                page=element.page,
                path=names,
                header=header,
                box=box,
                is_part=len(cuts) > 1 and kind in _INDIVISIBLE_TYPES,
            )
            for start, end, header in cuts
        ]
        yield element, blocks
        caption = (
            element.text if kind == CAPTION and len(element.text) <= _MAX_CAPTION_CHARACTERS else ""
        )
        above = (
            min(above + blocks[0].tokens, chunk_tokens / 2)
            if _is_light(blocks[-1], chunk_tokens)
            else 0.0
        )
        offset += len(element.text)


def _descend(path: list[tuple[int, str]], heading: ElementRow) -> None:
    """Change the path of headings to that of `heading`.

    The title, without a level, belongs to no path.
    """
    level = heading.level or 0
    while path and path[-1][0] >= level:
        path.pop()
    if level:
        path.append((level, " ".join(heading.text.split())))


def _cuts(
    element: ElementRow, caption: str, limit: int, sizes: _Sizes
) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and repeated header of each block of an element.

    A small element is one block.
    """
    text = element.text
    if sizes.count(text) <= limit:
        yield 0, len(text), ""
    elif element.type == TABLE:
        yield from _table_cuts(text, caption, limit, sizes)
    else:
        cut = cut_lines if element.type == CODE else cut_prose
        for start, end in cut(text, max(limit - sizes.overlap, limit / 2), sizes.count, sizes.tick):
            yield start, end, ""


def _table_cuts(
    text: str, caption: str, limit: int, sizes: _Sizes
) -> Iterator[tuple[int, int, str]]:
    count = sizes.count
    # The header is the first row of the Markdown table, with the rule under it.
    lines = text.split("\n", 2)
    is_ruled = len(lines) > 1 and _TABLE_RULE.fullmatch(lines[1])
    header = "\n".join(lines[: 2 if is_ruled else 1]) + "\n"
    if count(header) > limit / 2:
        header = ""
    elif caption and count(header) + count(caption) < limit / 4:
        header = f"{caption}\n\n{header}"
    for start, end in cut_lines(text, limit - count(header), count, sizes.tick):
        yield start, end, header if start else ""


def _packed(section: Sequence[_Block], sizes: _Sizes) -> Iterator[list[_Block]]:
    """Yield runs of blocks that fill a chunk.

    Headings and light blocks stay with the block that follows.
    """
    run: list[_Block] = []
    size, has_body = 0.0, False
    room = limit = sizes.chunk_tokens
    for block in section:
        is_parted = bool(run) and (run[-1].is_part or (block.is_part and has_body))
        if is_parted or (
            (has_body or size > limit / 2) and _is_full(run[0], block, size, limit, room)
        ):
            body_end = len(run)
            while has_body and body_end and run[body_end - 1].is_heading:
                body_end -= 1
            carried = run[body_end:]
            yield run[:body_end]
            run, size, has_body = carried, sum(held.tokens for held in carried), False
            room = limit if (run or [block])[0].is_heading else limit - sizes.overlap
        run.append(block)
        size += block.tokens
        has_body = has_body or not _is_light(block, limit)
    yield run


def _is_full(first: _Block, block: _Block, size: float, limit: int, room: int) -> bool:
    if block.is_heading and size > limit * (0.6 if first.is_heading else 0.25):
        return True  # A heading is a good place to end a chunk early.
    return size + block.tokens > room


def _is_light(block: _Block, limit: int) -> bool:
    """Whether a block stays with the next one: a heading, or a text so short that it may be one."""
    return block.is_heading or block.tokens < limit * _LIGHT_SHARE


def _chunk(
    text: str, run: Sequence[_Block], previous: Sequence[_Block], sizes: _Sizes
) -> TextChunk:
    lowest = _prose_before(previous) if run[0].is_prose else None
    room = min(sizes.overlap, sizes.chunk_tokens - sum(block.tokens for block in run))
    start = (
        run[0].start
        if lowest is None
        else _overlapping(text, lowest, run[0].start, room, sizes.count)
    )
    words = text[start : run[-1].end].rstrip()
    blocks = [block for block in (*previous, *run) if block.end > start]
    pages = [block.page for block in blocks if block.page is not None]
    boxes = tuple(dict.fromkeys(block.box for block in blocks if block.box))
    return TextChunk(
        text=run[0].header + words,
        headings=_common_path(run),
        page_from=min(pages, default=None),
        page_to=max(pages, default=None),
        start=start,
        end=start + len(words),
        boxes=boxes,
        anchors=_anchors(blocks, boxes, start - len(run[0].header)) if pages else (),
    )


def _anchors(
    blocks: Sequence[_Block], boxes: Sequence[PlacedBox], start: int
) -> tuple[Anchor, ...]:
    """Return the anchor of each page or box in a chunk whose text begins at `start`."""
    anchors: list[Anchor] = []
    for block in blocks:
        place = (block.page, boxes.index(block.box) if block.box else None)
        if not anchors or anchors[-1][1:] != place:
            anchors.append(Anchor(max(0, block.start - start) if anchors else 0, *place))
    return tuple(anchors)


def _prose_before(run: Sequence[_Block]) -> int | None:
    """Return the start of the prose at the end of `run`; tables and headings do not overlap."""
    begin = None
    for block in reversed(run):
        if not block.is_prose:
            break
        begin = block.start
    return begin


def _common_path(run: Sequence[_Block]) -> tuple[str, ...]:
    body = [block.path for block in run if not block.is_heading] or [run[-1].path]
    shortest = min(body, key=len)
    for depth, name in enumerate(shortest):
        if any(path[depth] != name for path in body):
            return shortest[:depth]
    return shortest


def _overlapping(text: str, lowest: int, start: int, overlap: float, count: Count) -> int:
    """Return the first start of a sentence or clause at most `overlap` tokens before `start`."""
    earliest = max(lowest, start - int(overlap / 0.3))
    while earliest < start and count(text[earliest:start]) > overlap:
        earliest += max(1, (start - earliest) // 8)
    window = text[earliest:start]
    begins = [low for low, _ in sentence_spans(window) if low > 0 or earliest == lowest]
    begins += [match.end() for match in _PAUSE.finditer(window)][:1]
    return earliest + begins[0] if begins else start
