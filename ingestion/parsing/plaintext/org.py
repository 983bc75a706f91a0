"""Org, the outlines of Emacs: headings, lists, tables, code; drawers and settings are dropped."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ingestion.parsing.elements import (
    CodeSnippet,
    Element,
    ListItem,
    NarrativeText,
    Parsed,
    Title,
    make_element,
)
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import clean_verbatim
from ingestion.parsing.text.cleaning import clean_elements, title_of
from ingestion.parsing.text.encodings import decode
from ingestion.parsing.text.line_joining import joined_lines
from ingestion.parsing.text.links import with_address
from ingestion.parsing.text.tables import table_elements

HEADING = re.compile(r"(\*++)\s++(.*)")
TAGS = re.compile(r"(?<!\s)\s+:[\w@#%:]+:\s*$")
SETTING = re.compile(r"#\+(\w+):\s*(.*)", re.I)
BEGIN = re.compile(r"\s*#\+begin_(\w+)", re.I)
END = re.compile(r"\A\s*#\+end_(\w+)")
DRAWER = re.compile(r"\s*:(?:PROPERTIES|LOGBOOK):\s*", re.I)
DRAWER_END = re.compile(r"\s*:END:\s*", re.I)
COMMENT = re.compile(r"\s*#(?:\s|\+|\Z)")
ESCAPED = re.compile(r"^(\s*),(?=[*#])")  # Lines of code that would be headings or settings.
ITEM = re.compile(r"\s*(?:[-+]|(\d+[.)])|(?<=\s)\*)\s+(?:\[[ X-]\]\s+)?(.*)")
RULE = re.compile(r"\s*\|[-+|\s]*\|?\s*")
CODE = {"src", "example", "export"}
# The patterns do not search for the end of unclosed marks, which would take minutes in a long text.
LINK = re.compile(r"\[\[([^\[\]]*+)\]\[([^\[\]]*+)\]\]")
INLINE = (
    (re.compile(r"\[\[(?:(?!https?:|mailto:)\w+:)?([^\[\]]*)\]\]"), r"\1"),
    (re.compile(r"(?<![\w*/_=~+])([*/_=~+])(\S(?:[^\n]{0,1000}?\S)?)\1(?![\w*/_=~+])"), r"\2"),
)


def read_org(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read an Org text."""
    lines = clean_verbatim(decode(path.read_bytes()).removeprefix("\ufeff")).split("\n")
    titles = (
        match[2]
        for line in lines
        if (match := SETTING.fullmatch(line)) and match[1].lower() == "title"
    )
    title = next(titles, "")
    elements = clean_elements(_blocks(lines))
    return Parsed(tuple(elements), title_of(title, elements))


def _blocks(lines: list[str]) -> Iterator[Element]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if begin := BEGIN.match(line):
            name = begin[1].lower()
            end = next(
                (i for i in range(at, len(lines)) if END.findall(lines[i].lower()) == [name]),
                len(lines),
            )
            inside = lines[at + 1 : end]
            if name in CODE:
                yield make_element(
                    CodeSnippet, "\n".join(ESCAPED.sub(r"\1", line) for line in inside)
                )
            elif name != "comment":
                yield from _blocks(inside)
            at = end + 1
        elif DRAWER.fullmatch(line):
            at = _first(lines, at, lambda line: DRAWER_END.fullmatch(line) is not None) + 1
        elif heading := HEADING.fullmatch(line):
            yield make_element(
                Title, plain(TAGS.sub("", heading[2]).rstrip()), level=min(len(heading[1]), 6)
            )
            at += 1
        else:
            end = _first(
                lines,
                at,
                lambda line: bool(
                    BEGIN.match(line) or HEADING.fullmatch(line) or DRAWER.match(line)
                ),
            )
            yield from _run(lines[at:end])
            at = max(end, at + 1)


def _first(lines: list[str], at: int, fits: Callable[[str], object]) -> int:
    return next((end for end in range(at, len(lines)) if fits(lines[end])), len(lines))


def _run(lines: list[str]) -> Iterator[Element]:
    """Paragraphs, list items and tables between headings and blocks."""
    group: list[str] = []
    kind = ""
    for line in [*lines, ""]:
        new = _kind(line)
        if kind == "item" and new == "text" and line.startswith(" "):
            new = "more"
        if group and new not in (kind if kind != "item" else "", "more"):
            yield from _grouped(kind, group)
            group = []
        kind = kind if new == "more" else new
        if new not in ("", "comment"):
            group.append(line)


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if line.lstrip().startswith("|"):
        return "table"
    if COMMENT.match(line):
        return "comment"
    return "item" if ITEM.fullmatch(line) else "text"


def _grouped(kind: str, lines: list[str]) -> Iterator[Element]:
    if kind == "table":
        rows = [line.strip().strip("|").split("|") for line in lines if not RULE.fullmatch(line)]
        yield from table_elements([[plain(cell.strip()) for cell in row] for row in rows])
    elif kind == "item" and (item := ITEM.fullmatch(lines[0])):
        yield make_element(
            ListItem, f"{item[1] or ''} {plain(joined_lines([item[2], *lines[1:]]))}".strip()
        )
    else:
        yield make_element(NarrativeText, plain(joined_lines(lines)))


def plain(text: str) -> str:
    """`text` without emphasis marks; links keep their addresses."""
    text = LINK.sub(lambda link: with_address(link[2], link[1]), text)
    for pattern, kept in INLINE:
        text = pattern.sub(kept, text)
    return text
