"""reStructuredText: headings, lists, tables, code, notes; typesetting directives are dropped.

Not by docutils, which includes other files and takes seconds for a long manual.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from ingestion.parsing.elements import (
    CodeSnippet,
    Element,
    FigureCaption,
    Formula,
    ListItem,
    NarrativeText,
    Parsed,
    Title,
    make_element,
)
from ingestion.parsing.options import Options
from ingestion.parsing.plaintext.rst_tables import grid_rows, is_grid, is_simple, simple_rows
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import clean_verbatim
from ingestion.parsing.text.cleaning import clean_elements, title_of
from ingestion.parsing.text.encodings import decode
from ingestion.parsing.text.line_joining import joined_lines
from ingestion.parsing.text.links import with_address
from ingestion.parsing.text.tables import table_elements

ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
INDENTED = re.compile(r"\s+\S")
ITEM = re.compile(r"(?:[-*+•‣]|\(?(?:\d{1,4}|[a-zA-Z]|#|[ivxlcIVXLC]{1,6})[.)])\s+(?=\S)")
NUMBERED = re.compile(r"\(?(?:\d|[a-zA-Z]+[.)])")
DIRECTIVE = re.compile(r"\.\.\s+(?:\|[^|]*\|\s+)?([\w:.+-]+)::(?:\s+(.*))?")
FOOTNOTE = re.compile(r"\.\.\s+\[([^\]]+)\]\s+(.*)")
NEXT_CELL = re.compile(r"\s+- ?")
FIELD = re.compile(r":([^:\s][^:]*):(?:\s+(.*))?")
CODE = {
    "code",
    "code-block",
    "sourcecode",
    "parsed-literal",
    "math",
    "prompt",
    "doctest",
    "testcode",
}
SKIPPED = {
    "raw",
    "include",
    "contents",
    "index",
    "meta",
    "highlight",
    "default-role",
    "role",
    "currentmodule",
}
# Marks have a limited length; without it, unclosed marks in a long text would take minutes.
Plain = Callable[[str], str]
LITERAL = re.compile(r"``(.+?)``", re.S)
LINK = re.compile(r"(?::[\w:+.-]{1,60}:)?`(\s*+[^`<\s]++(?:\s++[^`<\s]++)*+)\s*+<([^`>]*+)>`_{0,2}")
REFERENCE = re.compile(
    r"`([^`<>]{1,200})`_(?!_)|\b([A-Za-z0-9][\w.-]{0,100}[A-Za-z0-9])_(?=[\s.,;:!?)\]]|\Z)"
)
TARGET = re.compile(r"\s*\.\. _(?:`([^`]+)`|([^:`]+)):\s+(\S+)\s*")
# Literals match, too, so that references inside them are skipped.
ANONYMOUS_REFERENCE = re.compile(
    r"``.+?``|(?<![\w`\\:])`(?!\s)([^`<>]{1,200})(?<!\s)`__(?!\w)"
    r"|(?<!\w)([^\W_]{1,100}(?:[-._+:][^\W_]{1,100}){0,20})__(?![\w(])",
    re.S,
)
ANONYMOUS_TARGET = re.compile(r"(?:\.\. __:|__\s)(.*)")
INLINE = (
    (re.compile(r"(?::[\w:+.-]{1,60}:)?`~?([^`]+)`_{0,2}"), r"\1"),
    (re.compile(r"\*\*(\S(?:.{0,1000}?\S)?)\*\*", re.S), r"\1"),
    (re.compile(r"(?<![\w*])\*(\S(?:[^*]*\S)?)\*(?![\w*])"), r"\1"),
    (re.compile(r"\[([^\]\s]{1,100})\]_"), r"[\1]"),
    (re.compile(r"\b([A-Za-z0-9][\w.-]{0,100}[A-Za-z0-9])_{1,2}(?=[\s.,;:!?)\]]|\Z)"), r"\1"),
    (re.compile(r"\\([^\w\s])"), r"\1"),
)


def read_rst(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a reStructuredText document."""
    lines = (
        clean_verbatim(decode(path.read_bytes()).removeprefix("\ufeff")).expandtabs(8).split("\n")
    )
    named = filter(None, map(TARGET.fullmatch, lines))
    targets = {_normal(target[1] or target[2]): target[3] for target in named}
    reader = _RstReader(targets)
    elements = clean_elements(reader.blocks(lines))
    # Anonymous targets match references by order and come later, so a second pass has the
    # addresses.
    if reader.anonymous and len(reader.anonymous) == reader.references:
        elements = clean_elements(_RstReader(targets, reader.anonymous).blocks(lines))
    return Parsed(tuple(elements), title_of("", elements))


class _RstReader:
    """Reads blocks of lines; the order of first use gives underlines their heading levels.

    Collects the addresses of anonymous targets and counts the references to them. Given these
    addresses as `anonymous`, the reader writes them behind the references.
    """

    def __init__(self, targets: Mapping[str, str], anonymous: Iterable[str] = ()) -> None:
        self.anonymous: list[str] = []
        self.references = 0
        self._targets = targets
        self._addresses = iter(anonymous)
        self._styles: list[str] = []

    def blocks(self, lines: list[str]) -> Iterator[Element]:
        """Read lines that begin at the margin."""
        at = 0
        while at < len(lines):
            if not lines[at].strip():
                at += 1
                continue
            at, found = self._block(lines, at)
            yield from found

    def _block(self, lines: list[str], at: int) -> tuple[int, Iterator[Element]]:
        line = lines[at]
        if heading := self._heading(lines, at):
            return heading
        if line.startswith(" "):
            end, body = _indented(lines, at)
            return end, self.blocks(body)
        if target := ANONYMOUS_TARGET.fullmatch(line):
            end = next(
                (end for end in range(at + 1, len(lines)) if not INDENTED.match(lines[end])),
                len(lines),
            )
            address = " ".join([target[1], *lines[at + 1 : end]])
            other = _normal(address).removesuffix("_").strip("`")  # Targets may be chained.
            self.anonymous.append(self._targets.get(other, "".join(address.split())))
            return end, iter(())
        if line.startswith(".. ") or line.strip() == "..":
            end, body = _indented(lines, at + 1)
            if footnote := FOOTNOTE.match(line):
                text = self._plain(f"[{footnote[1]}] {' '.join([footnote[2], *body])}")
                return end, iter([make_element(NarrativeText, text)])
            directive = DIRECTIVE.match(line)  # Otherwise a target or a comment.
            return end, self._directive(
                directive[1].lower(), directive[2] or "", body
            ) if directive else iter(())
        if is_grid(line) or is_simple(line):
            end = _end_of_table(lines, at)
            rows = grid_rows(lines[at:end]) if is_grid(line) else simple_rows(lines[at:end])
            return end, table_elements([[self._plain(cell) for cell in row] for row in rows])
        if item := ITEM.match(line):
            end, rest = _indented(lines, at + 1)
            return end, self._item(line[: item.end()].strip(), [line[item.end() :], *rest])
        return self._paragraph(lines, at)

    def _heading(self, lines: list[str], at: int) -> tuple[int, Iterator[Element]] | None:
        over, text, under = [*lines[at : at + 3], "", "", ""][:3]
        if ADORNMENT.fullmatch(over) and text.strip() and under.rstrip() == over.rstrip():
            return at + 3, self._titled(text, over[0] * 2)
        if ADORNMENT.fullmatch(over) and not text.strip():
            return at + 1, iter(())  # A transition.
        long_enough = ADORNMENT.fullmatch(text) and len(text.rstrip()) >= min(len(over.rstrip()), 4)
        if long_enough and over[:1].strip():
            return at + 2, self._titled(over, text[0])
        return None

    def _titled(self, text: str, style: str) -> Iterator[Element]:
        if style not in self._styles:
            self._styles.append(style)
        yield make_element(
            Title, self._plain(text.strip()), level=min(self._styles.index(style) + 1, 6)
        )

    def _directive(self, name: str, argument: str, body: list[str]) -> Iterator[Element]:
        options: dict[str, str] = {}
        while body and (field := FIELD.fullmatch(body[0].strip())):
            options[field[1].lower()] = field[2] or ""
            body = body[1:]
        if name in SKIPPED:
            return
        if name in CODE:
            is_formula = name == "math"
            text = "\n".join([argument, *body] if is_formula and argument else body)
            yield make_element(Formula if is_formula else CodeSnippet, text)
        elif name in ("image", "figure"):
            yield make_element(FigureCaption, self._plain(options.get("alt", "")))
            yield from self.blocks(body)
        elif name == "csv-table":
            yield make_element(FigureCaption, self._plain(argument))
            header = options.get("header", "")
            yield from table_elements(
                csv.reader([header, *body] if header else body, skipinitialspace=True)
            )
        elif name in ("table", "list-table"):
            yield make_element(FigureCaption, self._plain(argument))
            rows = _listed_rows(body, self._plain) if name == "list-table" else []
            yield from table_elements(rows) if rows else self.blocks(body)
        else:
            yield make_element(NarrativeText, self._plain(argument))
            yield from self.blocks(body)

    def _plain(self, text: str) -> str:
        """`text` without marks of emphasis and roles; links with their addresses or targets."""
        text = ANONYMOUS_REFERENCE.sub(self._anonymous, text)
        text = LITERAL.sub(r"\1", text)
        text = LINK.sub(lambda link: with_address(link[1], "".join(link[2].split())), text)
        text = REFERENCE.sub(self._named, text)
        for pattern, kept in INLINE:
            text = pattern.sub(kept, text)
        return text

    def _anonymous(self, link: re.Match[str]) -> str:
        words = link[1] or link[2]
        if not words:
            return link[0]
        self.references += 1
        address = next(self._addresses, "")
        return with_address(words, address) if address else link[0]

    def _named(self, link: re.Match[str]) -> str:
        words = link[1] or link[2]
        address = self._targets.get(_normal(words))
        return with_address(words, address) if address else link[0]

    def _item(self, marker: str, body: list[str]) -> Iterator[Element]:
        """A list item: its first paragraph with its number, then its other blocks."""
        number = marker if NUMBERED.match(marker) else ""
        is_first = True
        for element in self.blocks(body):
            if is_first and isinstance(element, NarrativeText):
                yield make_element(ListItem, f"{number} {element.text}".strip())
                is_first = False
            else:
                yield element

    def _paragraph(self, lines: list[str], at: int) -> tuple[int, Iterator[Element]]:
        end = at
        while (
            end < len(lines)
            and lines[end].strip()
            and not (end > at and lines[end].startswith(" "))
        ):
            end += 1
        text = lines[at:end]
        if text[0].startswith(">>> "):
            end, more = _indented(lines, end)
            return end, iter([make_element(CodeSnippet, "\n".join([*text, *more]).rstrip())])
        if text[-1].rstrip().endswith("::"):
            end, code = _indented(lines, end)
            text[-1] = text[-1].rstrip()[:-1].removesuffix(" :") if text[-1].strip() != "::" else ""
            return end, iter(
                [_paragraph(text, self._plain), make_element(CodeSnippet, "\n".join(code).rstrip())]
            )
        return end, iter([_paragraph(text, self._plain)])


def _paragraph(lines: list[str], plain: Plain) -> Element:
    fields = [FIELD.fullmatch(line) for line in lines]
    if all(fields):
        text = "\n".join(f"{field[1]}: {field[2] or ''}" for field in fields if field)
    elif all(line.startswith("|") for line in lines):
        text = "\n".join(line[1:].strip() for line in lines)
    else:
        text = joined_lines(lines)
    return make_element(NarrativeText, plain(text))


def _indented(lines: list[str], at: int) -> tuple[int, list[str]]:
    """The end of the indented lines from `at` on, and the lines without indentation."""
    end = at
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" ")):
        end += 1
    body = lines[at:end]
    margin = min((len(line) - len(line.lstrip()) for line in body if line.strip()), default=0)
    return end, [line[margin:] for line in body]


def _end_of_table(lines: list[str], at: int) -> int:
    if is_grid(lines[at]):
        return next(
            (end for end in range(at, len(lines)) if lines[end][:1] not in ("+", "|")), len(lines)
        )
    rules = (end for end in range(at + 1, len(lines)) if is_simple(lines[end]))
    closed = (end for end in rules if end + 1 >= len(lines) or not lines[end + 1].strip())
    return next(closed, len(lines) - 1) + 1


def _listed_rows(body: list[str], plain: Plain) -> list[list[str]]:
    """The rows of a table written as a list of lists."""
    rows: list[list[str]] = []
    for line in body:
        text = line.strip()
        if line.startswith("* -"):
            rows.append([plain(line[3:].strip())])
        elif rows and NEXT_CELL.match(line):
            rows[-1].append(plain(text[1:].strip()))
        elif rows and text:
            rows[-1][-1] += " " + plain(text)
    return rows


def _normal(name: str) -> str:
    return " ".join(name.lower().split())
