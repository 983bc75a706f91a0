"""Finds citation numbers in a streamed answer: `[1]`, `[1, 2]`, `【1】`, `(来源1)`.

The result does not depend on the cuts of the stream. Only the scanner decides which marks are
citations; `quotes` finds the supporting words. Code is left unchanged.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

_NAMES: Final = (
    "sources?|passages?|citations?|references?|refs?|documents?|docs?"
    "|来源|來源|资料|資料|段落|引用|引文|出处|出處|文档|文檔|参考|參考"
)
_COUNT: Final = r"(?:numbers?|nos?|ids?|编号|編號)"
_NAME: Final = rf"(?:{_NAMES})(?:\s?{_COUNT})?"
_LABEL: Final = rf"{_NAME}\.?\s{{0,3}}[:：=_#]?\s{{0,3}}"
_ANY_LABEL: Final = rf"(?:\^|#|(?:{_NAME}|{_COUNT})\.?\s{{0,3}}[:：=_#]?\s{{0,3}})?[\"'“”]?"
_DIGITS: Final = "[1-9１-９][0-9０-９]{0,2}"
_NUMBER: Final = rf"{_DIGITS}[\"'“”^]?"
_DASH: Final = r"[–—~-]|to|through|至|到"
_AND: Final = "and|or|&|[和与與及或]|以及"
_SEPARATOR: Final = rf"(?:[,，、;；]\s{{0,3}}(?:{_AND})?|{_AND}|{_DASH})"
_NUMBERS: Final = rf"{_NUMBER}(?:\s{{0,3}}{_SEPARATOR}\s{{0,3}}{_ANY_LABEL}{_NUMBER})*"
# Some models add the source: 【1†report.pdf】.
_TAIL: Final = r"(?:†[^\]】］\n]{0,60})?"
_BLANKS: Final = r"(?<![ \t])[ \t]*"
_BRACKETED: Final = rf"[\[【［]\s{{0,3}}{_ANY_LABEL}{_NUMBERS}\s{{0,3}}{_TAIL}[\]】］]"
# Round brackets may hold any number, so they need a label such as "source" to be a citation.
_MARK: Final = (
    rf"(?P<space>{_BLANKS})(?<!\\)"
    rf"(?P<numbers>\[{_BRACKETED}\]|【{_BRACKETED}】|{_BRACKETED}|[(（]\s{{0,3}}{_LABEL}{_NUMBERS}\s{{0,3}}[)）])"
)
# The first character of the buffer has already been released. It shows whether a line begins after
# it.
_PROSE: Final = re.compile(
    rf"(?P<mark>{_MARK})|(?<=\n)[ ]{{0,3}}(?P<fence>`{{3,}}|~{{3,}})|(?P<ticks>`+)", re.IGNORECASE
)
# Ends of the buffer that the next piece of the stream may complete to a mark or to code.
_LETTERS: Final = "[a-z来源來资料資段落引用文出处處档檔参考參编編号號和与與及或以至到]"
_HALF_LABEL: Final = (
    rf"(?:\^|#|&|{_LETTERS}{{1,12}}+\.?)?\s{{0,3}}(?:{_LETTERS}{{1,10}}+\.?\s{{0,3}})?"
    r"[:：=_#]?\s{0,3}[\"'“”]?"
)
_HALF_NUMBERS: Final = (
    rf"(?:[0-9０-９]{{1,3}}+(?![0-9])[\"'“”^]?\s{{0,3}}(?:[,，、;；–—~-]\s{{0,3}})?"
    rf"(?:{_LETTERS}{{1,7}}+\s{{1,3}})?{_HALF_LABEL}){{0,20}}+"
)
_HALF_MARK: Final = (
    rf"{_BLANKS}(?:[\[【［]\s{{0,3}}[\[【［]?\s{{0,3}}{_HALF_LABEL}{_HALF_NUMBERS}{_TAIL}[\]】］]?"
    rf"|[(（]\s{{0,3}}(?:{_LETTERS}{{1,12}}+\.?\s{{0,3}}(?:{_LETTERS}{{1,10}}+\.?\s{{0,3}})?[:：=_#]?\s{{0,3}}{_HALF_NUMBERS})?)"
)
_UNDECIDED: Final = re.compile(
    rf"(?:(?<=\n)[ ]{{0,3}}(?:`*|~*)|{_HALF_MARK}|`+|(?<![ \t])[ \t]+)$", re.IGNORECASE
)
_RANGE: Final = re.compile(
    rf"(?<![0-9０-９])({_DIGITS})[\"'“”^]?\s*(?:(?:{_DASH})\s*{_ANY_LABEL}({_DIGITS}))?",
    re.IGNORECASE,
)
# Names of variables, whose brackets are an index: one letter that is no unit after a number, names
# with an underscore, and names that only programs use. Any other word may precede a citation, since
# models write “pumps[1]”.
_INDEXED: Final = re.compile(
    r"(?<![A-Za-z0-9_.])(?<![0-9] )(?:[a-z]\d?|[A-Za-z]\w{0,30}_\w{0,29}[A-Za-z0-9]|args|argv|arr|buf|lst|nums|vec)"
    r"(?:\[[^\[\]\s]{1,9}\]){0,3}$"
)
_LOOKBEHIND_CHARS: Final = 80
# Limits of one scan, so that the cost of a mark does not grow with the length of the text.
_SCAN_BLOCK_CHARS: Final = 4096
_MAX_HALF_MARK_CHARS: Final = 400
_MAX_RANGE_NUMBERS: Final = 20
_PLAIN_MARK: Final = re.compile(_MARK, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CitationMark:
    """Known passage numbers cited at one point of the answer, and the blanks before the mark."""

    numbers: tuple[int, ...]
    space: str = ""


class CitationScanner:
    """Splits a stream of text into text and citation marks; removes numbers that no passage has."""

    def __init__(self, known: Collection[int]) -> None:
        self._known = frozenset(known)
        self._buffer = "\n"
        self._given = ""
        self._code_end: re.Pattern[str] | None = None
        self._code_undecided = _UNDECIDED

    def feed(self, text: str) -> Iterator[str | CitationMark]:
        """Take the next piece of the stream; yield the text and marks that are final."""
        for start in range(0, len(text), _SCAN_BLOCK_CHARS):
            self._buffer += text[start : start + _SCAN_BLOCK_CHARS]
            yield from self._scan(final=False)

    def finish(self) -> Iterator[str | CitationMark]:
        """Yield the text and marks that were held back, at the end of the stream."""
        yield from self._scan(final=True)

    def _scan(self, *, final: bool) -> Iterator[str | CitationMark]:
        found, code_end, tail = True, self._code_end, 0 if final else self._undecided()
        while found:
            # The undecided tail changes only where code begins or ends.
            if code_end is not self._code_end:
                code_end, tail = self._code_end, 0 if final else self._undecided()
            limit = max(1, len(self._buffer) - tail)
            match = (self._code_end or _PROSE).search(self._buffer, 1)
            found = match is not None and match.start() < limit
            if match is None or not found:
                yield from self._give(limit)
            elif self._code_end:
                self._code_end = None
                yield from self._give(match.end())
            elif match["mark"]:
                yield from self._mark(match)
            else:
                yield from self._enter_code(match)

    def _undecided(self) -> int:
        """Return the number of characters at the end of the buffer that later text may complete."""
        pattern = self._code_undecided if self._code_end else _UNDECIDED
        match = pattern.search(self._buffer, max(1, len(self._buffer) - _MAX_HALF_MARK_CHARS))
        return len(self._buffer) - match.start() if match else 0

    def _give(self, end: int) -> Iterator[str]:
        """Yield the text up to `end`; its last character stays in the buffer as context."""
        if end > 1:
            yield self._buffer[1:end]
            self._given = (self._given + self._buffer[1:end])[-_LOOKBEHIND_CHARS:]
            self._buffer = self._buffer[end - 1 :]

    def _mark(self, match: re.Match[str]) -> Iterator[str | CitationMark]:
        length = match.end() - match.start()
        yield from self._give(match.start())
        if _is_index(match, self._given):
            yield from self._give(1 + length)
            return
        numbers = tuple(n for n in _numbers(match["numbers"]) if n in self._known)
        if numbers:
            yield CitationMark(numbers, match["space"])
        before = "]" if numbers else self._buffer[0]
        self._given = self._given if not numbers else ""
        self._buffer = before + self._buffer[1 + length :]

    def _enter_code(self, match: re.Match[str]) -> Iterator[str]:
        ticks: str = match["fence"] or match["ticks"]
        sign, length = re.escape(ticks[0]), len(ticks)
        if match["fence"]:
            self._code_end = re.compile(rf"\n[ ]{{0,3}}{sign}{{{length},}}[ \t]*(?=\n|\Z)")
            self._code_undecided = re.compile(rf"\n[ ]{{0,3}}{sign}*[ \t]*$")
        else:
            # The end of a paragraph ends inline code, too: the backtick was then a plain character.
            self._code_end = re.compile(rf"(?<!`)`{{{length}}}(?!`)|\n[ \t]*\n")
            self._code_undecided = re.compile(r"(?:`+|\n[ \t]*)$")
        yield from self._give(match.end())


def without_marks(text: str) -> str:
    """Return `text` without citation numbers, which are valid in one answer only."""
    return _PLAIN_MARK.sub(
        lambda mark: (
            mark[0]
            if _is_index(mark, text[max(0, mark.start() - _LOOKBEHIND_CHARS) : mark.start()])
            else ""
        ),
        text,
    )


def _is_index(mark: re.Match[str], before: str) -> bool:
    """Return whether a mark is the index of a variable, as in `x[1]`."""
    return not mark["space"] and bool(_INDEXED.search(before))


def _numbers(written: str) -> Iterator[int]:
    """Yield the numbers of one mark in order and without duplicates, ranges expanded."""
    seen: set[int] = set()
    for first, last in _RANGE.findall(written.partition("†")[0]):
        start, end = int(first), int(last or first)
        numbers = (
            range(start, end + 1) if start <= end <= start + _MAX_RANGE_NUMBERS else (start, end)
        )
        for number in numbers:
            if number not in seen:
                seen.add(number)
                yield number
