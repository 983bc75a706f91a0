"""From a document's elements to pieces of a size that can be found and cited: structure first, sizes second.

Pure functions; nothing of the text is dropped, and each piece knows its headings, its pages, where on them it stands
and its place in `document_text`. A piece never reaches across a top heading. A table or a piece of code is never cut if
it fits; one that does not has pieces of its own, those of a table with its caption and header on top.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ingestion.parsing.parsed import CAPTION, CODE, LIST_ITEM, PROSE, TABLE, TITLE, ElementRow
from ingestion.pipeline.text_splitter import Count, Tick, cut_lines, cut_prose
from language.sentences import sentence_spans
from language.tokens import count_tokens

__all__ = ["Piece", "count_tokens", "document_text", "embedding_text", "split"]

CHUNK_TOKENS: Final = 400
OVERLAP: Final = 50
_LIGHT: Final = 0.1
_LONGEST_CAPTION: Final = 120  # What is longer is not repeated over each part of a table.
_WHOLE: Final = frozenset({TABLE, CODE})
_LONGEST_HEADING: Final = 300  # What is longer was styled as a heading, but is not one to be repeated everywhere.
_HEADINGS: Final = " › "
_PAUSE: Final = re.compile(r"[\s，、；,;：]+")
_TABLE_RULE: Final = re.compile(r"[\s|:+=]*+-[\s|:+=-]*+")


class PlacedBox(NamedTuple):
    """Where on which page something stands: shares of width and height from the top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class Anchor(NamedTuple):
    """Where in a piece's text an element begins, its page, and which of the piece's boxes is its own."""

    begin: int
    page: int | None
    box: int | None


@dataclass(frozen=True, slots=True)
class Piece:
    """What becomes a chunk.

    `text` is `document_text` from `start` to `end`, with caption and header before it where it continues a table.
    `boxes` are those of the elements that it takes from, in their order, where the format knows any; `anchors` say
    which part of the text each is of, where there are pages.
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
    """How large pieces become, how tokens are counted, and what is called on the way."""

    chunk_tokens: int
    overlap: int
    count: Count
    tick: Tick


@dataclass(frozen=True, slots=True)
class _Block:
    """Something that stays in one piece. `header` is written before it where it is a table's continuation.

    What `is_part` of a table or of code that was too long shares its piece with nothing but what stands above the
    whole.
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
        return self.type not in (TITLE, *_WHOLE)


def document_text(elements: Sequence[ElementRow]) -> str:
    """Return the text that pieces point into: all elements in order, list items under each other, others apart."""
    parts: list[str] = []
    for element, gap in _with_gaps(elements):
        parts += (gap, element.text)
    return "".join(parts)


def split(
    elements: Sequence[ElementRow],
    *,
    chunk_tokens: int = CHUNK_TOKENS,
    overlap: int = OVERLAP,
    count: Count = count_tokens,
    tick: Tick = lambda: None,
) -> list[Piece]:
    """Split a document into pieces of at most `chunk_tokens`, neighbours within a text sharing up to `overlap`.

    `tick` is called many times a second, and may raise.
    """
    elements = [element for element in elements if element.text.strip()]
    sizes = _Sizes(chunk_tokens, min(overlap, chunk_tokens // 2), count, tick)
    text = document_text(elements)
    pieces: list[Piece] = []
    for section in _sections(elements, sizes):
        previous: list[_Block] = []
        for run in _packed(section, sizes):
            tick()
            pieces.append(_piece(text, run, previous, sizes))
            previous = run
    return pieces


def embedding_text(title: str, headings: Sequence[str], text: str) -> str:
    """Return what is embedded and indexed of a piece: its place in the document, then its text.

    Headings that the text itself begins with are not said twice.
    """
    beginning = text[: 2 * _LONGEST_HEADING].casefold()
    said: list[str] = []
    for name in (title, *headings):
        known = {*map(str.casefold, said)}
        if name.strip() and name.casefold() not in known and not (name is not title and name.casefold() in beginning):
            said.append(name.strip())
    return "\n".join(filter(None, [_HEADINGS.join(said), text]))


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
    """Return the level of the headings that divide the document: a single one above all others is but its title."""
    levels = [element.level for element in elements if element.type == TITLE and element.level]
    top = min(levels, default=1)
    opening = [element for element in elements if element.type != TITLE or element.level][:1]
    if levels.count(top) == 1 and opening and opening[0].type == TITLE and opening[0].level == top:
        return min((level for level in levels if level > top), default=top)
    return top


def _blocks(elements: Sequence[ElementRow], sizes: _Sizes) -> Iterator[tuple[ElementRow, list[_Block]]]:
    chunk_tokens, count = sizes.chunk_tokens, sizes.count
    path: list[tuple[int, str]] = []
    offset = 0
    above = 0.0  # What headings and tiny blocks right before take of a piece.
    caption = ""
    for element, gap in _with_gaps(elements):
        sizes.tick()
        offset += len(gap)
        kind = _type(element, chunk_tokens)
        if kind == TITLE:
            _descend(path, element)
        names = tuple(name for _, name in path)
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
                box=_placed(element),
                is_part=len(cuts) > 1 and kind in _WHOLE,
            )
            for start, end, header in cuts
        ]
        yield element, blocks
        caption = element.text if kind == CAPTION and len(element.text) <= _LONGEST_CAPTION else ""
        above = min(above + blocks[0].tokens, chunk_tokens / 2) if _is_light(blocks[-1], chunk_tokens) else 0.0
        offset += len(element.text)


def _placed(element: ElementRow) -> PlacedBox | None:
    if element.box is None or element.page is None:
        return None
    return PlacedBox(element.page, *(round(side, 4) for side in element.box))


def _type(element: ElementRow, chunk_tokens: int) -> str:
    """Return the type of an element: a heading too long to be repeated everywhere is prose."""
    longest = min(_LONGEST_HEADING, chunk_tokens)  # In letters: a quarter of a piece.
    return PROSE if element.type == TITLE and len(element.text) > longest else element.type


def _descend(path: list[tuple[int, str]], heading: ElementRow) -> None:
    level = heading.level or 0  # The document's title is in no path.
    while path and path[-1][0] >= level:
        path.pop()
    if level:
        path.append((level, " ".join(heading.text.split())))


def _cuts(element: ElementRow, caption: str, limit: int, sizes: _Sizes) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and the header to repeat for each block of one element, which is one block if it is small."""
    text = element.text
    if sizes.count(text) <= limit:
        yield 0, len(text), ""
    elif element.type == TABLE:
        yield from _table_cuts(text, caption, limit, sizes)
    else:
        cut = cut_lines if element.type == CODE else cut_prose
        for start, end in cut(text, max(limit - sizes.overlap, limit / 2), sizes.count, sizes.tick):
            yield start, end, ""


def _table_cuts(text: str, caption: str, limit: int, sizes: _Sizes) -> Iterator[tuple[int, int, str]]:
    count = sizes.count
    header = _table_header(text)
    if count(header) > limit / 2:
        header = ""
    elif caption and count(header) + count(caption) < limit / 4:
        header = f"{caption}\n\n{header}"
    for start, end in cut_lines(text, limit - count(header), count, sizes.tick):
        yield start, end, header if start else ""


def _table_header(text: str) -> str:
    """Return the first row of a Markdown table, with the rule under it if there is one."""
    lines = text.split("\n", 2)
    ruled = len(lines) > 1 and _TABLE_RULE.fullmatch(lines[1])
    return "\n".join(lines[: 2 if ruled else 1]) + "\n"


def _packed(section: Sequence[_Block], sizes: _Sizes) -> Iterator[list[_Block]]:
    """Yield runs of blocks that fill a piece; headings and what is tiny stay with what follows them."""
    run: list[_Block] = []
    size, has_body = 0.0, False
    room = limit = sizes.chunk_tokens
    for block in section:
        is_parted = bool(run) and (run[-1].is_part or (block.is_part and has_body))
        if is_parted or ((has_body or size > limit / 2) and _is_full(run[0], block, size, limit, room)):
            carried = _trailing_headings(run) if has_body else []
            yield run[: len(run) - len(carried)]
            run, size, has_body = carried, sum(held.tokens for held in carried), False
            room = limit if (run or [block])[0].is_heading else limit - sizes.overlap
        run.append(block)
        size += block.tokens
        has_body = has_body or not _is_light(block, limit)
    yield run


def _is_full(first: _Block, block: _Block, size: float, limit: int, room: int) -> bool:
    if block.is_heading and size > limit * (0.6 if first.is_heading else 0.25):
        return True  # A good place to turn the page.
    return size + block.tokens > room


def _is_light(block: _Block, limit: int) -> bool:
    """Tell whether a block is too little to stand alone: a heading, a title that was not marked as one."""
    return block.is_heading or block.tokens < limit * _LIGHT


def _trailing_headings(run: Sequence[_Block]) -> list[_Block]:
    first = len(run)
    while first and run[first - 1].is_heading:
        first -= 1
    return list(run[first:])


def _piece(text: str, run: Sequence[_Block], previous: Sequence[_Block], sizes: _Sizes) -> Piece:
    lowest = _prose_before(previous) if run[0].is_prose else None
    room = min(sizes.overlap, sizes.chunk_tokens - sum(block.tokens for block in run))
    start = run[0].start if lowest is None else _overlapping(text, lowest, run[0].start, room, sizes.count)
    words = text[start : run[-1].end].rstrip()
    blocks = [block for block in (*previous, *run) if block.end > start]
    pages = [block.page for block in blocks if block.page is not None]
    boxes = tuple(dict.fromkeys(block.box for block in blocks if block.box))
    return Piece(
        text=run[0].header + words,
        headings=_common_path(run),
        page_from=min(pages, default=None),
        page_to=max(pages, default=None),
        start=start,
        end=start + len(words),
        boxes=boxes,
        anchors=_anchors(blocks, boxes, start - len(run[0].header)) if pages else (),
    )


def _anchors(blocks: Sequence[_Block], boxes: Sequence[PlacedBox], start: int) -> tuple[Anchor, ...]:
    """Return where the text of each page or box begins in a piece whose own text begins at `start`."""
    anchors: list[Anchor] = []
    for block in blocks:
        place = (block.page, boxes.index(block.box) if block.box else None)
        if not anchors or anchors[-1][1:] != place:
            anchors.append(Anchor(max(0, block.start - start) if anchors else 0, *place))
    return tuple(anchors)


def _prose_before(run: Sequence[_Block]) -> int | None:
    """Return where the prose begins that `run` ends with: only prose is worth saying twice."""
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
    """Return the first place before `start`, at most `overlap` tokens away, where a sentence (else a clause) begins."""
    earliest = max(lowest, start - int(overlap / 0.3))
    while earliest < start and count(text[earliest:start]) > overlap:
        earliest += max(1, (start - earliest) // 8)
    window = text[earliest:start]
    begins = [low for low, _ in sentence_spans(window) if low > 0 or earliest == lowest]
    begins += [match.end() for match in _PAUSE.finditer(window)][:1]
    return earliest + begins[0] if begins else start
