"""Cuts one long text into spans at blank lines, lines, sentences, clauses or words, in this order.

Pure functions; spans lie end to end, so that no text is lost. `chunking` deals with documents.
"""

from collections.abc import Callable, Iterator
from typing import Final

# The splitter counts in integers, and a short word has less than two tokens.
_UNITS_PER_TOKEN: Final = 10
_CLOSING: Final = "\"'”’»」』）)\\]】》"
_LINES: Final = [r"\n\s*\n", r"\n"]
_SENTENCES: Final = [
    rf"[。！？｡]+[{_CLOSING}]*|(?<![.!?…])[.!?…]++[{_CLOSING}]*\s+",
    r"[；;]\s*",
    r"[，、,：:]\s*",
    r"\s+",
]


Tick = Callable[[], None]  # Called often; may raise.
Count = Callable[[str], float]  # The tokens of a text; additive over its parts.


def cut_prose(text: str, limit: float, count: Count, tick: Tick) -> Iterator[tuple[int, int]]:
    """Yield spans of at most `limit` tokens that end at a paragraph, sentence, clause or word."""
    return _cut(text, limit, _LINES + _SENTENCES, count, tick)


def cut_lines(text: str, limit: float, count: Count, tick: Tick) -> Iterator[tuple[int, int]]:
    """Yield spans of whole lines of at most `limit` tokens; only a longer line is cut at words."""
    start, size = 0, 0.0
    high = 0
    while high < len(text):
        low, high = high, text.find("\n", high) + 1 or len(text)
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


def _cut(
    text: str, limit: float, separators: list[str], count: Count, tick: Tick
) -> Iterator[tuple[int, int]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    # Last resort: some letters at a time. The splitter's own, one character at a time, takes
    # seconds per megabyte.
    letters = rf"(?s:.{{{max(1, int(limit / 8))}}})"

    def units(part: str) -> int:
        tick()  # The only callback of the splitter, hence the only place to stop it.
        return round(count(part) * _UNITS_PER_TOKEN)

    splitter = RecursiveCharacterTextSplitter(
        separators=[*separators, letters],
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=max(1, int(limit * _UNITS_PER_TOKEN)),
        chunk_overlap=0,
        length_function=units,
        strip_whitespace=False,
    )
    start = 0
    for part in splitter.split_text(text):
        yield start, start + len(part)
        start += len(part)
