"""The spans of sentences in Chinese and in languages with spaces. Text is never changed."""

import re
from collections.abc import Iterator
from typing import Final

_CLOSING: Final = "\"'”’»」』）)\\]】》"
_END: Final = re.compile(
    rf"[。！？｡]+[{_CLOSING}]*"  # Chinese and Japanese full stops need no space after them.
    rf"|(?<![.!?…])[.!?…]++[{_CLOSING}]*(?=\s)"
    r"|\n\s*"
)
_ABBREVIATION: Final = re.compile(
    r"(?<![A-Za-z.])(?:(?:[A-Z]\.)*[A-Z]|e\.g|i\.e|a\.m|p\.m|U\.S|[Nn]o|[Ff]igs?|[Ee]qs?|[Rr]efs?|[Ss]ecs?|[Vv]ols?|[Pp]p?|[Cc]h|[Aa]rt|"
    r"[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|[Ss]t|[Jj]r|[Ss]r|[Cc]f|[Vv]s|etc|al|approx|ca|[Ii]nc|[Ll]td|[Cc]orp|Co|[Dd]ept|[Ee]st|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)$"
)
_LIST_NUMBER: Final = re.compile(r"(?:^|\n)[^\S\n]*(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})$")
_LOWER_NEXT: Final = re.compile(r"\s*[a-z]")
_OPEN_END: Final = re.compile(r"[a-z,;，、\u4e00-\u9fff]$")
_PLAIN_START: Final = re.compile(r"(?![-*•|#]|\d{1,3}[.)、])[\w\"'“‘(（]")
_ABBREVIATION_CHARACTERS: Final = 12
_MIN_WRAPPED_LINE_WIDTH: Final = 45  # A line of this width that ends within a sentence was wrapped.


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sentence, list item or table line, without white space around."""
    start = 0
    for match in _END.finditer(text):
        mark = match.group()
        if mark[0] == ".":
            continues = _is_abbreviation(text, match.start(), match.end())
        else:
            is_line_break = mark[0] == "\n" and mark.count("\n") == 1
            continues = is_line_break and _is_wrapped(text, match.start(), match.end())
        if not continues:
            yield from _trimmed(text, start, match.end())
            start = match.end()
    yield from _trimmed(text, start, len(text))


def _is_abbreviation(text: str, dot: int, end: int) -> bool:
    """Whether the dot belongs to an abbreviation or a list number."""
    before = text[max(0, dot - _ABBREVIATION_CHARACTERS) : dot]
    if _LIST_NUMBER.search(before) or _ABBREVIATION.search(before):
        return True
    return end - dot == 1 and bool(_LOWER_NEXT.match(text, end))


def _is_wrapped(text: str, line_end: int, next_line: int) -> bool:
    """Whether the line break wraps a sentence, as in mails and plain-text books."""
    line = text[text.rfind("\n", 0, line_end) + 1 : line_end]
    width = len(line) if line.isascii() else len(line.encode("utf-8", "replace"))
    if width < _MIN_WRAPPED_LINE_WIDTH or "|" in line:
        return False
    return bool(_OPEN_END.search(line.rstrip())) and bool(_PLAIN_START.match(text, next_line))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
