"""Finds citation numbers in an answer while it streams: `[1]`, `[1, 2]`, `【1】`, `(来源1)`, however it is cut.

The scanner alone decides what is a citation; which words of a passage bear it is `quotes`' business. Code is left as
it is.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

_SEPARATOR: Final = r"[,，、;；–—~-]"
_NAMES: Final = (
    "sources?|passages?|citations?|references?|refs?|documents?|docs?"
    "|来源|來源|资料|資料|段落|引用|引文|出处|出處|文档|文檔|参考|參考"
)
_NAME: Final = rf"(?:{_NAMES})\s*[:：_#]?\s*"
_WORDS: Final = rf"(?:\^|{_NAME})?"
_NUMBER: Final = "[1-9１-９][0-9０-９]{0,2}"
_NUMBERS: Final = rf"{_NUMBER}(?:\s*{_SEPARATOR}\s*{_WORDS}{_NUMBER})*"
# Some models add where it is written: 【1†report.pdf】.
_TAIL: Final = r"(?:†[^\]】］\n]{0,60})?"
_BLANKS: Final = r"(?<![ \t])[ \t]*"
_BRACKETED: Final = rf"[\[【［]\s*{_WORDS}{_NUMBERS}\s*{_TAIL}[\]】］]"
# Round brackets hold numbers of all kinds; only where they say that it is a source is it one.
_MARK: Final = (
    rf"(?P<space>{_BLANKS})(?<!\\)"
    rf"(?P<numbers>\[{_BRACKETED}\]|【{_BRACKETED}】|{_BRACKETED}|[(（]\s*{_NAME}{_NUMBERS}\s*[)）])"
)
# The first character of the buffer is the last one already given out, so that a line's beginning is known.
_PROSE: Final = re.compile(
    rf"(?P<mark>{_MARK})|(?<=\n)[ ]{{0,3}}(?P<fence>`{{3,}}|~{{3,}})|(?P<ticks>`+)", re.IGNORECASE
)
# What might still become one of these with the next piece.
_HALF_WORD: Final = r"[a-z来源來资料資段落引用文出处處档檔参考參]{1,10}\s*[:：_#]?\s*"
_HALF_NUMBERS: Final = rf"\s*+(?:[0-9０-９]{{1,3}}+(?![0-9])\s*+{_SEPARATOR}?+\s*+(?:\^|{_HALF_WORD})?+){{0,20}}+"
_HALF_MARK: Final = (
    rf"{_BLANKS}(?:[\[【［]\s*[\[【［]?\s*(?:\^|{_HALF_WORD})?{_HALF_NUMBERS}{_TAIL}[\]】］]?"
    rf"|[(（]\s*(?:{_HALF_WORD}{_HALF_NUMBERS})?)"
)
_UNDECIDED: Final = re.compile(rf"(?:(?<=\n)[ ]{{0,3}}(?:`*|~*)|{_HALF_MARK}|`+|(?<![ \t])[ \t]+)$", re.IGNORECASE)
_RANGE: Final = re.compile(rf"(?<![0-9０-９])({_NUMBER})\s*(?:[–—~-]\s*{_WORDS}({_NUMBER}))?", re.IGNORECASE)
_LONGEST_RANGE: Final = 20
_PLAIN_MARK: Final = re.compile(_MARK, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """Numbers cited at this point of the answer, each of them known, and the blanks before them."""

    numbers: tuple[int, ...]
    space: str = ""


class CitationScanner:
    """Cuts a stream of text into text and marks. Numbers that no passage has are taken out."""

    def __init__(self, known: Collection[int]) -> None:
        self._known = frozenset(known)
        self._buffer = "\n"
        self._code_end: re.Pattern[str] | None = None
        self._code_undecided = _UNDECIDED

    def feed(self, text: str) -> Iterator[str | Mark]:
        """Take the next piece of the stream; yield what is certain by now."""
        self._buffer += text
        yield from self._scan(final=False)

    def finish(self) -> Iterator[str | Mark]:
        """Yield what was held back, now that nothing more comes."""
        yield from self._scan(final=True)

    def _scan(self, *, final: bool) -> Iterator[str | Mark]:
        found = True
        while found:
            limit = len(self._buffer) if final else self._undecided()
            match = (self._code_end or _PROSE).search(self._buffer, 1)
            found = match is not None and match.start() < limit
            if match is None or not found:
                yield from self._give(limit)
            elif self._code_end:
                yield from self._leave_code(match)
            elif match["mark"]:
                yield from self._mark(match)
            else:
                yield from self._enter_code(match)

    def _undecided(self) -> int:
        pattern = self._code_undecided if self._code_end else _UNDECIDED
        match = pattern.search(self._buffer, 1)
        return match.start() if match else len(self._buffer)

    def _give(self, end: int) -> Iterator[str]:
        """Yield the text up to `end`, keeping its last character as the one before what comes."""
        if end > 1:
            yield self._buffer[1:end]
            self._buffer = self._buffer[end - 1 :]

    def _mark(self, match: re.Match[str]) -> Iterator[str | Mark]:
        yield from self._give(match.start())
        numbers = tuple(n for n in _numbers(match["numbers"]) if n in self._known)
        if numbers:
            yield Mark(numbers, match["space"])
        before = "]" if numbers else self._buffer[0]
        self._buffer = before + self._buffer[1 + match.end() - match.start() :]

    def _enter_code(self, match: re.Match[str]) -> Iterator[str]:
        ticks: str = match["fence"] or match["ticks"]
        sign, length = re.escape(ticks[0]), len(ticks)
        if match["fence"]:
            self._code_end = re.compile(rf"\n[ ]{{0,3}}{sign}{{{length},}}[ \t]*(?=\n|\Z)")
            self._code_undecided = re.compile(rf"\n[ ]{{0,3}}{sign}*[ \t]*$")
        else:
            # A paragraph's end closes it too: the sign was then nothing but a sign.
            self._code_end = re.compile(rf"(?<!`)`{{{length}}}(?!`)|\n[ \t]*\n")
            self._code_undecided = re.compile(r"(?:`+|\n[ \t]*)$")
        yield from self._give(match.end())

    def _leave_code(self, match: re.Match[str]) -> Iterator[str]:
        self._code_end = None
        yield from self._give(match.end())


def without_marks(text: str) -> str:
    """Return `text` without citation numbers, which mean nothing outside their own answer."""
    return _PLAIN_MARK.sub("", text)


def _numbers(written: str) -> Iterator[int]:
    """Yield the numbers of one mark in order, each once, ranges filled in."""
    seen: set[int] = set()
    for first, last in _RANGE.findall(written.partition("†")[0]):
        start, end = int(first), int(last or first)
        numbers = range(start, end + 1) if start <= end <= start + _LONGEST_RANGE else (start, end)
        for number in numbers:
            if number not in seen:
                seen.add(number)
                yield number
