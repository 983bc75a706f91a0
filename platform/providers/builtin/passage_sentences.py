"""Splits passages into candidate sentences, each with its context.

Lines of a table of contents and repeated headings are omitted, since they name the subject of a
question without an answer. A row of a table gets the names of its columns.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final, NamedTuple

from language.scripts import unspaced_share
from language.sentences import sentence_spans
from language.words import terms
from providers.protocols import Passage

MAX_SENTENCE_CHARACTERS: Final = 600
"""Characters of a sentence that are read and quoted."""
_MAX_SENTENCES_PER_PASSAGE: Final = 400
_MAX_TITLE_CHARACTERS: Final = 80
_MAX_TITLE_WORDS: Final = 12
_MIN_CONTENTS_LINES: Final = 3
_TABLE_RULE: Final = re.compile(r"[\s|:+-]*-[\s|:+-]*")
_NUMBERING: Final = re.compile(
    r"^(?:#{1,6}\s)?(?:第\s?[\d〇零一二三四五六七八九十百]{1,6}\s?[章节節条條部篇]|[一二三四五六七八九十]{1,3}、"
    r"|[（(][\d一二三四五六七八九十]{1,3}[)）]"
    r"|(?:(?:chapter|section|part|annex|appendix)\s)?\d{1,3}(?:\.\d{1,3}){0,5}[.)、:：]?(?=\s|[\u4e00-\u9fff]))",
    re.IGNORECASE,
)
_CONTENTS: Final = re.compile(r"(?:table of )?contents|目\s?[录錄次]", re.IGNORECASE)
_LEADER: Final = re.compile(
    r"(?<![.…·_．‥])(?<![.…·_．‥]\s)(?:[.…·_．‥]\s?){4,}+\s*+(?:\d{1,4}(?!\S)|$)", re.MULTILINE
)
_PAGE_NUMBER: Final = re.compile(r"(?<=[\s.…·_])(\d{1,4})$")
_END: Final = re.compile(r"[.!?。！？…;；][\"'”’»」』）)\]】》]*$")
_LABEL: Final = re.compile(r"[^:：|]{1,40}[:：]\s*(?=\S)")


@dataclass(slots=True)
class PassageSentence:
    """A sentence, list item, or row of a table, with its context."""

    passage: Passage
    rank: int
    text: str
    before: str
    """The previous sentence in running text, else empty."""
    terms: Counter[str]
    terms_before: Set[str]
    above: Set[str]
    """The terms of the document's name, of the headings and of the title line above."""
    value: Set[str]
    """The terms after the colon of a label, as in “Year: 2022”; empty for others."""
    is_title: bool
    """Whether the text is a line without an end mark, as headings, labels and list items are."""


class _Part(NamedTuple):
    text: str
    is_title: bool = False
    is_row: bool = False


def sentences_of(rank: int, passage: Passage) -> Iterator[PassageSentence]:
    """Yield the sentences of `passage` in order; `rank` is the position of the passage."""
    headings = {_bare(heading) for heading in passage.headings}
    place = terms("\n".join([passage.document_name, *passage.headings])).keys()
    above: Set[str] = place
    before, terms_before = "", Counter[str]()
    for part in _without_contents(list(_parts(passage.text)), passage.headings):
        counted = terms(_NUMBERING.sub("", part.text) if part.is_title else part.text)
        label = _LABEL.match(part.text) if part.is_title else None
        value = terms(part.text[label.end() :]).keys() if label else frozenset[str]()
        if not part.is_title or _bare(part.text) not in headings:
            last = terms_before.keys()
            yield PassageSentence(
                passage, rank, part.text, before, counted, last, above, value, part.is_title
            )
        if part.is_title or part.is_row:
            before, terms_before = "", Counter()
            above = above if part.is_row or label else place | counted.keys()
        else:
            before, terms_before = part.text, counted


def _parts(text: str) -> Iterator[_Part]:
    """Yield sentences, lines and rows of tables, without lines with leaders (“Wings .... 12”)."""
    text = "\n".join(line for line in text.split("\n") if not _LEADER.search(line))
    spans = list(islice(sentence_spans(text), _MAX_SENTENCES_PER_PASSAGE))
    header = ""
    for (start, end), following in pairwise([*spans, (len(text), len(text))]):
        words = text[start : min(end, start + MAX_SENTENCE_CHARACTERS)]
        if _TABLE_RULE.fullmatch(words):
            continue
        if words.startswith("|") and _TABLE_RULE.fullmatch(text[slice(*following)]):
            header = words
        elif words.startswith("|") and header:
            yield _Part(_row(header, words), is_row=True)
        else:
            yield _Part(words, is_title=_is_title(text, start, end))


def _is_title(text: str, start: int, end: int) -> bool:
    """Whether the text from `start` to `end` is a whole line without an end mark."""
    words = text[start:end]
    if len(words) > _MAX_TITLE_CHARACTERS or _END.search(words):
        return False
    before, after = (
        text[max(0, start - _MAX_TITLE_CHARACTERS) : start],
        text[end : end + _MAX_TITLE_CHARACTERS],
    )
    if before.rstrip(" \t")[-1:].strip() or after.lstrip(" \t")[:1].strip():
        return False
    return unspaced_share(words) > 0.5 or len(words.split()) <= _MAX_TITLE_WORDS


def _without_contents(parts: Sequence[_Part], headings: Sequence[str]) -> Iterator[_Part]:
    """Yield `parts` without the lines of a table of contents.

    Such lines are below a heading “Contents”, or are several numbered lines with rising page
    numbers.
    """
    under_contents = any(_CONTENTS.fullmatch(_bare(heading)) for heading in headings)
    run: list[_Part] = []
    for part in [*parts, _Part("")]:
        page = _PAGE_NUMBER.search(part.text) if part.is_title else None
        if page and (not run or int(page[1]) >= _page(run[-1])):
            run.append(part)
            continue
        if len(run) < _MIN_CONTENTS_LINES or not all(
            _NUMBERING.match(line.text) for line in run[1:]
        ):
            yield from (line for line in run if not under_contents)
        run = [part] if page else []
        if part.text and not page and not (part.is_title and under_contents):
            yield part


def _page(line: _Part) -> int:
    found = _PAGE_NUMBER.search(line.text)
    return int(found[1]) if found else 0


def _bare(heading: str) -> str:
    """Return a heading without its number, page number, case and white space."""
    return "".join(_PAGE_NUMBER.sub("", _NUMBERING.sub("", heading)).casefold().split())


def _row(header: str, row: str) -> str:
    """Return a row of a table as text: “column: cell; column: cell”."""
    cells = zip(_cells(header), _cells(row), strict=False)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]
