"""Cuts one text that is too long into spans: at blank lines, lines, sentences, clauses, words, in this order.

Pure functions over a text; spans lie end to end, so nothing is lost. What a text is part of is splitting's business.
"""

from collections.abc import Callable, Iterator
from typing import Final

_TENTHS: Final = 10  # The splitter counts in whole numbers, and a short word has fewer than two tokens.
_CLOSING: Final = "\"'”’»」』）)\\]】》"
_LINES: Final = [r"\n\s*\n", r"\n"]
_SENTENCES: Final = [
    rf"[。！？｡]+[{_CLOSING}]*|(?<![.!?…])[.!?…]++[{_CLOSING}]*\s+",
    r"[；;]\s*",
    r"[，、,：:]\s*",
    r"\s+",
]


Tick = Callable[[], None]  # Called often; what it raises ends the cutting.
Count = Callable[[str], float]  # The tokens of a text, such that parts may be counted alone.


def cut_prose(text: str, limit: float, count: Count, tick: Tick) -> Iterator[tuple[int, int]]:
    """Yield the spans of `text`, each of at most `limit` tokens and ending where reading pauses."""
    return _cut(text, limit, _LINES + _SENTENCES, count, tick)


def cut_lines(text: str, limit: float, count: Count, tick: Tick) -> Iterator[tuple[int, int]]:
    """Yield spans of whole lines of at most `limit` tokens; only a line that is longer itself is cut within."""
    start, size = 0, 0.0
    for low, high in _line_spans(text):
        tick()
        tokens = count(text[low:high])
        if size and size + tokens > limit:
            yield start, low
            start, size = low, 0.0
        if tokens > limit:
            cuts = _cut(text[low:high], limit, [r"\s+"], count, tick)
            yield from ((low + first, low + last) for first, last in cuts)
            start, size = high, 0.0
        else:
            size += tokens
    if start < len(text):
        yield start, len(text)


def _line_spans(text: str) -> Iterator[tuple[int, int]]:
    low = 0
    while low < len(text):
        high = text.find("\n", low) + 1 or len(text)
        yield low, high
        low = high


def _cut(text: str, limit: float, separators: list[str], count: Count, tick: Tick) -> Iterator[tuple[int, int]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    # Last resort: a few letters at a time. (The splitter's own, one character at a time, takes seconds a megabyte.)
    letters = rf"(?s:.{{{max(1, int(limit / 8))}}})"

    def tenths(part: str) -> int:
        tick()  # The splitter has no other place where one could tell it to stop.
        return round(count(part) * _TENTHS)

    splitter = RecursiveCharacterTextSplitter(
        separators=[*separators, letters],
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=max(1, int(limit * _TENTHS)),
        chunk_overlap=0,
        length_function=tenths,
        strip_whitespace=False,
    )
    start = 0
    for part in splitter.split_text(text):
        yield start, start + len(part)
        start += len(part)
