"""Plain text in any encoding.

Paragraphs are derived from blank lines and line lengths; headings only from lines that name a
chapter. This module may not import heavy libraries.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ingestion.parsing.elements import Element, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import clean_verbatim
from ingestion.parsing.text.cleaning import clean_elements
from ingestion.parsing.text.encodings import decode
from ingestion.parsing.text.line_joining import joined_lines

NUMERALS = "0-9０-９一二三四五六七八九十百千零〇两"
CHAPTER = re.compile(
    rf"(?:chapter|part|book)\s+(?:\d+|[ivxlc]+)\b.{{0,80}}|第\s*[{NUMERALS}]+\s*[章编篇卷部回].{{0,40}}",
    re.I,
)
SECTION = re.compile(
    rf"(?:section|article|appendix)\s+(?:\d[\d.]*|[ivxlc]+|[A-Z])\b.{{0,80}}|第\s*[{NUMERALS}]+\s*[节節].{{0,40}}",
    re.I,
)
PARAGRAPH_ENDS = (".", "!", "?", ":", "。", "！", "？", "：", "…", "”", "」", '"')
BULLET = re.compile(r"\s*(?:[-*•·●○▪◦‣]|\(?\d{1,3}[.)、]|[（(]?[一二三四五六七八九十]+[）)、])\s*")
BLANK_LINES = re.compile(r"\n(?:[ \t\u3000]*\n)+")
MIN_WRAPPED_CHARACTERS = 50
MIN_WRAPPED_IDEOGRAPHS = 24


def read_text(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a plain text in any encoding."""
    return Parsed(tuple(clean_elements(text_elements(decode(path.read_bytes())))))


def text_elements(text: str) -> Iterator[Element]:
    """The paragraphs and chapter headings of a text without markup."""
    text = clean_verbatim(text).strip("\n")
    for block in BLANK_LINES.split(text):
        yield from _block_elements([line.rstrip() for line in block.split("\n")])


def _block_elements(lines: list[str]) -> Iterator[Element]:
    run: list[str] = []
    for line in lines:
        if level := _heading_level(line):
            yield from _run_elements(run)
            yield make_element(Title, line, level=level)
            run = []
        else:
            run.append(line)
    yield from _run_elements(run)


def _run_elements(lines: list[str]) -> Iterator[Element]:
    return (make_element(NarrativeText, paragraph) for paragraph in _paragraphs(lines))


def _heading_level(line: str) -> int | None:
    line = line.strip()
    if line.endswith(PARAGRAPH_ENDS) or len(line) > 90:
        return None
    if CHAPTER.fullmatch(line):
        return 1
    return 2 if SECTION.fullmatch(line) else None


def _paragraphs(lines: list[str]) -> list[str]:
    """Wrapped lines become one paragraph, long lines one each; short lines stay lines."""
    if len(lines) < 2:
        return lines
    if _are_wrapped(lines):
        return _unwrapped(lines)
    if sum(map(len, lines)) / len(lines) >= MIN_WRAPPED_CHARACTERS:
        return lines
    return ["\n".join(lines)]


def _are_wrapped(lines: list[str]) -> bool:
    widths = [len(line) for line in lines]
    widest = max(widths)
    chinese = sum(character > "\u2e80" for line in lines for character in line) > sum(widths) / 3
    if widest < (MIN_WRAPPED_IDEOGRAPHS if chinese else MIN_WRAPPED_CHARACTERS) or widest > 160:
        return False
    slack = 6 if chinese else max(12, widest // 4)
    full = sum(width >= widest - slack for width in widths[:-1])
    return full * 10 >= 7 * (len(lines) - 1) and not any(BULLET.match(line) for line in lines[1:])


def _unwrapped(lines: list[str]) -> list[str]:
    """The paragraphs among wrapped lines; an indented line begins a new one."""
    base = min(len(line) - len(line.lstrip()) for line in lines)
    groups: list[list[str]] = []
    for line in lines:
        indented = len(line) - len(line.lstrip()) > base
        if not groups or (indented and len(groups[-1]) > 1):
            groups.append([])
        groups[-1].append(line)
    return [joined_lines(group) for group in groups]
