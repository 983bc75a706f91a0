"""The computed numbers of lists and headings in OpenDocument texts (OpenDocument 1.3, 16.29).

Bullets are no numbers and give "".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ingestion.parsing.opendocument.package import STYLE, TEXT
from ingestion.parsing.text.numerals import written

LIST_FORMAT: Final = (
    "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}num-list-format"
)
LEVELS: Final = (f"{TEXT}list-level-style-number", f"{TEXT}outline-level-style")
PLACE: Final = re.compile(r"%(\d{1,2})%")
MAX_NUMBER: Final = 5_000
# Prefixes of number formats, and the kinds of numerals that they mean.
FIGURES: Final = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "01": "decimalZero",
    "1st": "ordinal", "One": "cardinalText", "First": "ordinalText", "一": "chineseCountingThousand",
    "壹": "chineseLegalSimplified", "甲": "ideographTraditional", "子": "ideographZodiac", "①": "decimalEnclosedCircle",
    "１": "decimalFullWidth", "ア": "aiueoFullWidth", "イ": "irohaFullWidth", "가": "ganada", "ㄱ": "chosung",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenDocumentListLevel:
    """The numbering of one level; `kind` is "" for a level without numbers."""

    kind: str
    prefix: str
    suffix: str
    start: int
    shown_levels: int
    pattern: str


Counts = dict[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """The list around a block: its style, its depth and its counter."""

    style: str = ""
    depth: int = 0
    counts: Counts = field(default_factory=dict)


class ListNumbers:
    """The numbered styles of a document, and the counters of its lists and headings."""

    def __init__(self, *roots: Any) -> None:
        self._styles: dict[str, dict[int, OpenDocumentListLevel]] = {}
        for root in roots:
            for style in root.iter(f"{TEXT}list-style", f"{TEXT}outline-style"):
                name = (
                    "" if style.tag == f"{TEXT}outline-style" else style.get(f"{STYLE}name") or ""
                )
                self._styles[name] = dict(_levels(style))
        self._headings: Counts = {}
        self._by_style: dict[str, Counts] = {}
        self._by_id: dict[str, Counts] = {}

    def enter(self, node: Any, around: Place) -> Place:
        """Return the place inside of the list `node`."""
        style = node.get(f"{TEXT}style-name") or around.style
        if around.depth:
            return Place(style, around.depth + 1, around.counts)
        counts: Counts = {}
        if node.get(f"{TEXT}continue-numbering") == "true":
            counts = self._by_style.get(style, counts)
        elif continued := node.get(f"{TEXT}continue-list"):
            counts = self._by_id.get(continued, counts)
        self._by_style[style] = counts
        self._by_id[node.get("{http://www.w3.org/XML/1998/namespace}id") or ""] = counts
        return Place(style, 1, counts)

    def item_label(self, item: Any, place: Place) -> str:
        """Count a list item and return the number to show before it."""
        start = item.get(f"{TEXT}start-value")
        return self._label(place.style, place.depth, place.counts, start)

    def heading_label(self, heading: Any, level: int) -> str:
        """Count a heading outside of lists and return the number to show before it."""
        if heading.get(f"{TEXT}is-list-header") == "true":
            return ""
        restarts = heading.get(f"{TEXT}restart-numbering") == "true"
        start = heading.get(f"{TEXT}start-value") or ("1" if restarts else None)
        return self._label("", level, self._headings, start)

    def _label(self, style: str, depth: int, counts: Counts, start: str | None) -> str:
        levels = self._styles.get(style, {})
        level = levels.get(depth)
        given = (
            min(int(start), MAX_NUMBER) if start and start.isdecimal() and len(start) < 6 else None
        )
        first = level.start if level else 1
        counts[depth] = given if given is not None else counts.get(depth, first - 1) + 1
        for deeper in [deep for deep in counts if deep > depth]:
            del counts[deeper]
        if level is None or not level.kind:
            return ""
        figures = {
            deep: written(counts.setdefault(deep, levels[deep].start), levels[deep].kind)
            for deep in range(1, depth + 1)
            if deep in levels and levels[deep].kind
        }
        if level.pattern:
            return PLACE.sub(lambda match: figures.get(int(match[1]), ""), level.pattern).strip()
        shown = [text for deep, text in figures.items() if deep > depth - level.shown_levels]
        return f"{level.prefix}{'.'.join(shown)}{level.suffix}".strip()


def _levels(style: Any) -> Iterator[tuple[int, OpenDocumentListLevel]]:
    for node in style.iterchildren(*LEVELS):
        name = (node.get(f"{STYLE}num-format") or "").split(",")[0].strip()
        level = OpenDocumentListLevel(
            kind=FIGURES.get(name, "decimal") if name else "",
            prefix=node.get(f"{STYLE}num-prefix") or "",
            suffix=node.get(f"{STYLE}num-suffix") or "",
            start=_whole(node.get(f"{TEXT}start-value")),
            shown_levels=_whole(node.get(f"{TEXT}display-levels")),
            pattern=node.get(LIST_FORMAT) or "",
        )
        yield _whole(node.get(f"{TEXT}level")), level


def _whole(value: str | None) -> int:
    return min(int(value), MAX_NUMBER) if value and value.isdecimal() and len(value) < 6 else 1
