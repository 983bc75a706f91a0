"""Filter `highlight`: marks the words of a query in a passage. The passage is always escaped."""

import re
from collections.abc import Iterator
from typing import Final

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from language.han import fold_han
from language.scripts import MARKS, UNSPACED
from language.words import query_terms, terms

register = template.Library()

_LETTER: Final = rf"(?:[^\W{UNSPACED}]|[{MARKS}])"
_RUN_OR_WORD: Final = re.compile(
    rf"(?P<run>[{UNSPACED}]+)|{_LETTER}+(?:[-\u2010-\u2015_/.@:&+'’,#]{_LETTER}+)*(?:\+\+|#)?"
)


@register.filter
def highlight(text: str, query: str) -> SafeString:
    """Return `text` as HTML with the terms of `query` marked: stems, and pairs of Chinese characters."""
    wanted = set(query_terms(query))
    parts: list[str] = []
    end = 0
    for start, stop in _joined(_found(text, wanted)):
        parts += [
            conditional_escape(text[end:start]),
            format_html("<mark>{}</mark>", text[start:stop]),
        ]
        end = stop
    parts.append(conditional_escape(text[end:]))
    return mark_safe("".join(parts))  # Each part has been escaped.


def _found(text: str, wanted: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the spans of `text` that hold one of the terms `wanted`."""
    for match in _RUN_OR_WORD.finditer(text):
        if match["run"]:
            offset, run = match.start(), fold_han(match["run"])
            pairs = [index for index in range(len(run) - 1) if run[index : index + 2] in wanted]
            yield from ((offset + index, offset + index + 2) for index in pairs)
            # A single character counts only if it is the whole run.
            if not pairs and len(run) == 1 and run in wanted:
                yield offset, offset + 1
        elif not wanted.isdisjoint(terms(match[0])):
            yield match.span()


def _joined(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join spans that touch or overlap, so that a word of four characters is one mark."""
    current: tuple[int, int] | None = None
    for start, stop in spans:
        if current and start <= current[1]:
            current = (current[0], stop)
            continue
        if current:
            yield current
        current = (start, stop)
    if current:
        yield current
