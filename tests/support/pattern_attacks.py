"""Texts that make a regular expression backtrack: long runs of letters that it matches."""

import re
import re._constants as op
from collections.abc import Iterator
from itertools import islice
from re._parser import SubPattern, parse
from typing import Any

COMMON = (
    "a",
    " ",
    "*",
    "0",
    "-",
    "[",
    "(",
    "<",
    "`",
    "|",
    "\n",
    ".",
    "中",
    "，",
    "é",
    "a ",
    "* ",
    "1,",
    " \n",
    "ab-",
)
TAILS = ("", "\x00", "\n", "a!", "\na\na")
ALPHABET = "a0 *-.中A\n\t[]()<>`|:/\\\"'#é，\x80\x00"
CATEGORIES = {op.CATEGORY_DIGIT: "0", op.CATEGORY_SPACE: " \n", op.CATEGORY_WORD: "a"}
REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
BOUNDED_REPEATS = 50
MOST_EXAMPLES = 8
REPEATED_UNITS = 40
Items = list[tuple[Any, Any]]


def attacks(pattern: "re.Pattern[Any]", length: int) -> Iterator[Any]:
    """Yield texts of about `length` characters, or as many bytes, that the pattern may be slow with."""
    common = [("", unit) for unit in COMMON]
    runs = dict.fromkeys([*common, *_runs("", list(parse(pattern.pattern, pattern.flags)))])
    for start, unit in runs:
        for tail in TAILS if unit else ():
            text = start + unit * (length // len(unit)) + tail
            yield text if isinstance(pattern.pattern, str) else text.encode("latin-1", "ignore")


def _runs(before: str, items: Items) -> Iterator[tuple[str, str]]:
    """Yield a match of each long repeat, alone and after an example of the preceding pattern.

    Each is the start of a text and the unit that is repeated after it.
    """
    for kind, value in items:
        for body in _bodies(kind, value):
            yield from _runs(before, body)
        if kind in REPEATS and value[1] > BOUNDED_REPEATS:
            for letters in dict.fromkeys(islice(_examples(list(value[2])), MOST_EXAMPLES)):
                yield "", letters
                yield before, letters
                yield "", before + letters
                yield "", before + letters * REPEATED_UNITS
        before += next(_examples([(kind, value)]), "")
    yield "", before


def _bodies(kind: Any, value: Any) -> list[Items]:
    """Return the parts of one item that are patterns themselves."""
    if kind in REPEATS:
        return [list(value[2])]
    if kind is op.BRANCH:
        return [list(branch) for branch in value[1]]
    if isinstance(value, SubPattern):
        return [list(value)]
    return (
        [list(part) for part in value if isinstance(part, SubPattern)]
        if isinstance(value, tuple)
        else []
    )


def _examples(items: Items) -> Iterator[str]:
    """Yield texts that the items match: several for a single item, else one."""
    if len(items) != 1:
        yield "".join(next(_examples([item]), "") for item in items)
        return
    kind, value = items[0]
    if kind in {op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN}:
        yield from _members(value if kind is op.IN else [(kind, value)])
    elif kind in REPEATS:
        yield from (
            text * max(1, min(value[0], BOUNDED_REPEATS)) for text in _examples(list(value[2]))
        )
    else:
        yield from (text for body in _bodies(kind, value) for text in _examples(body))


def _members(values: Items) -> Iterator[str]:
    """Yield some of the characters of a set."""
    if values[0][0] is op.NEGATE:
        excluded = set(_members(values[1:]))
        yield from (letter for letter in ALPHABET if letter not in excluded)
        return
    for kind, value in values:
        if kind is op.LITERAL:
            yield chr(value)
        elif kind is op.RANGE:
            yield chr(value[0])
        elif kind is op.CATEGORY:
            yield from CATEGORIES.get(value, "*")
        else:
            yield from (letter for letter in ALPHABET if kind is op.ANY or letter != chr(value))
