"""The computed numbers before headings and list items in Word: "3.2", "第四条", "a)".

Clauses are cited by these numbers, which the text does not contain. Bullets give "". The rules are
those of ECMA-376, 17.9: a level without numbers ("none") keeps its words, and adds nothing to the
numbers of deeper levels.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.text.numerals import written

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = f"{W}val"
MAX_LEVELS = 9
MAX_NUMBER = 5_000
WITHOUT_NUMBER = ("bullet", "none")


@dataclass(slots=True)
class WordListLevel:
    """The numbering of one level of a list."""

    start: int = 0  # The default of the specification.
    kind: str = "decimal"
    text: str = ""
    restarts_after: int | None = None
    legal: bool = False
    style: str = ""  # The style whose paragraphs have this level.


class Numbering:
    """The lists of one document with their counters."""

    def __init__(self, part: bytes | None) -> None:
        root = parse_xml(part) if part else ()
        self._abstract = {
            node.get(f"{W}abstractNumId"): node for node in root if node.tag == f"{W}abstractNum"
        }
        self._of_style = {
            link.get(VAL): node
            for node in self._abstract.values()
            if (link := node.find(f"{W}styleLink")) is not None
        }
        self._levels: dict[str, dict[int, WordListLevel]] = {}
        self._list_of: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = {}
        for node in root:
            if node.tag == f"{W}num":
                self._add(node)

    def level_of(self, number: str, styles: Iterable[str]) -> int:
        """Return the level of list `number` that belongs to the first of `styles` that has one."""
        depths = {level.style: depth for depth, level in self._levels.get(number, {}).items()}
        return next((depths[style] for style in styles if style in depths), 0)

    def label(self, number: str, level: int) -> str:
        """Count a paragraph of list `number` and return the number that Word shows before it."""
        levels = self._levels.get(number, {})
        if level not in levels:
            return ""
        counts = self._counts.setdefault(self._list_of[number], {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [
            deep for deep in counts if deep > level and _restarts(levels.get(deep), level)
        ]:
            del counts[deeper]
        return _label(levels, counts, level)

    def _add(self, node: Any) -> None:
        key = node.get(f"{W}numId") or ""
        reference = node.find(f"{W}abstractNumId")
        base = None if reference is None else self._abstract.get(reference.get(VAL))
        if base is not None and (link := base.find(f"{W}numStyleLink")) is not None:
            base = self._of_style.get(link.get(VAL), base)
        levels = (
            {}
            if base is None
            else {_depth(entry): _level(entry) for entry in base.findall(f"{W}lvl")}
        )
        restarted = False
        for override in node.findall(f"{W}lvlOverride"):
            depth = _depth(override)
            new, start = override.find(f"{W}lvl"), override.find(f"{W}startOverride")
            if new is not None:
                levels[depth] = _level(new)
            if start is not None and depth in levels:
                levels[depth].start = _number(start, 0)
            restarted = restarted or start is not None
        self._levels[key] = levels
        # Lists of one abstract definition share a counter, unless a list overrides its start.
        pattern = None if base is None else base.get(f"{W}abstractNumId")
        self._list_of[key] = f"num {key}" if restarted or pattern is None else f"abstract {pattern}"


def _depth(node: Any) -> int:
    value = node.get(f"{W}ilvl") or "0"
    return int(value) if value.isdecimal() else 0


def _number(node: Any, default: int) -> int:
    value = "" if node is None else node.get(VAL) or ""
    return min(int(value), MAX_NUMBER) if value.isdecimal() else default


def _level(node: Any) -> WordListLevel:
    def value(name: str, default: str) -> str:
        found = node.find(f"{W}{name}")
        return default if found is None else found.get(VAL) or ""

    restart = node.find(f"{W}lvlRestart")
    legal = node.find(f"{W}isLgl")
    return WordListLevel(
        start=_number(node.find(f"{W}start"), 0),
        kind=_kind(node),
        text=value("lvlText", ""),
        restarts_after=None if restart is None else _number(restart, 0),
        legal=legal is not None and legal.get(VAL) not in ("0", "false", "off"),
        style=value("pStyle", ""),
    )


def _kind(node: Any) -> str:
    """Return the number format; a custom one ("001, 002, …") is named by its width.

    A custom format comes first, before a standard one for older programs.
    """
    found = next(node.iter(f"{W}numFmt"), None)
    if found is None:
        return "decimal"
    kind = found.get(VAL) or ""
    first = (found.get(f"{W}format") or "").split(",")[0].strip()
    return (
        str(len(first))
        if kind == "custom" and first.isdecimal() and len(first) < MAX_LEVELS
        else kind
    )


def _restarts(level: WordListLevel | None, above: int) -> bool:
    if level is None or level.restarts_after is None:
        return True
    return level.restarts_after > 0 and above < level.restarts_after


def _label(levels: dict[int, WordListLevel], counts: dict[int, int], level: int) -> str:
    this = levels[level]
    if this.kind == "bullet":
        return ""
    text = this.text
    for depth in range(min(level + 1, MAX_LEVELS)):
        if f"%{depth + 1}" in text and depth in levels:
            count = counts.setdefault(depth, levels[depth].start)
            kind = levels[depth].kind
            if kind in WITHOUT_NUMBER:
                figures = ""
            elif kind.isdecimal():
                figures = f"{count:0{int(kind)}}"
            else:
                figures = written(
                    count, "decimal" if this.legal and kind != "decimalZero" else kind
                )
            text = text.replace(f"%{depth + 1}", figures)
    return text.strip()
