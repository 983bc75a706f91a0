"""XML of any vocabulary: rows as tables, fields with their names, prose as paragraphs.

The shape of an element decides: an element that mixes text and elements is prose, many equal
elements are rows. Nothing outside the document is read, and entities are not expanded.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing.elements import Element, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.markup.reader import decode_markup, read_capped, without_declaration
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import one_line
from ingestion.parsing.text.cleaning import clean_elements, sensible_title
from ingestion.parsing.text.tables import html_rows, table_elements

TITLES = {"title", "head", "heading", "article-title", "titel", "titre"}
# Elements that hold prose; their names are not shown.
PROSE = {
    "p",
    "para",
    "simpara",
    "v",
    "text",
    "line",
    "l",
    "li",
    "item",
    "span",
    "td",
    "th",
    "cell",
    "data",
    "value",
}
MAX_CELL_CHARACTERS = 300
# Each alternative stops at a second opening of its kind; otherwise a long run of openings would
# take minutes.
MARKUP = re.compile(
    r"<!--(?:(?!<!--).)*?-->|<!DOCTYPE[^<>\[]*+(?:\[(?:(?!<!DOCTYPE).)*?\]\s*+)?>|<\?(?:(?!<\?).)*?\?>"
    r"|</?[A-Za-z_][^<>]*+>",
    re.S,
)
CDATA = re.compile(r"<!\[CDATA\[((?:(?!<!\[CDATA\[).)*?)\]\]>", re.S)


def read_xml(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read an XML document; broken XML gives text without structure."""
    text = without_declaration(decode_markup(read_capped(path, options)))
    try:
        root = parse_xml(text.encode("utf-8", "surrogatepass"))
    except UnreadableDocument:
        text = CDATA.sub(lambda match: html.escape(match[1]), text)
        parts = (html.unescape(part).strip() for part in MARKUP.split(text))
        return Parsed(tuple(clean_elements(make_element(NarrativeText, part) for part in parts)))
    etree.strip_elements(
        root, etree.Entity, etree.Comment, etree.ProcessingInstruction, with_tail=False
    )
    elements = clean_elements(_XmlReader(root).inside(root, 1))
    title = next((_text(each) for each in root.iter() if _name(each) in TITLES), "")
    return Parsed(tuple(elements), sensible_title(title))


class _XmlReader:
    """Reads a tree; fields next to one another become the lines of one paragraph.

    Attributes are read if most elements have no text, as in settings and drawings.
    """

    def __init__(self, root: Any) -> None:
        leaves = [node for node in root.iter(etree.Element) if len(node) == 0]
        self._attributes = sum(bool((leaf.text or "").strip()) for leaf in leaves) * 2 < len(leaves)

    def inside(self, node: Any, depth: int) -> Iterator[Element]:
        """Read the content of `node`."""
        children = [child for child in node if isinstance(child.tag, str)]
        if not children or _is_prose(node):
            yield make_element(NarrativeText, self._field(node, named=False))
        elif _name(node) == "table" and node.find(".//tr") is not None:
            yield from table_elements(html_rows(node))
        elif rows := _rows(children):
            yield from table_elements(rows)
        else:
            yield from self._children(children, depth)

    def _field(self, node: Any, *, named: bool = True) -> str:
        text = _text(node)
        if not text and self._attributes:
            text = ", ".join(
                f"{_local(key)}: {value}" for key, value in node.items() if value.strip()
            )
        return f"{_local(node.tag)}: {text}" if text and named else text

    def _children(self, children: list[Any], depth: int) -> Iterator[Element]:
        alike = Counter(child.tag for child in children)
        fields: list[str] = []
        for child in children:
            if _name(child) in TITLES:
                yield from _paragraph(fields)
                yield make_element(Title, _text(child), level=min(depth, 6))
            elif len(child) == 0 and _name(child) not in PROSE and alike[child.tag] < 3:
                fields.append(self._field(child))
            else:
                yield from _paragraph(fields)
                is_section = any(_name(each) in TITLES for each in child)
                yield from self.inside(child, depth + is_section)
        yield from _paragraph(fields)


def _paragraph(fields: list[str]) -> Iterator[Element]:
    lines = [field for field in fields if field]
    fields.clear()
    if lines:
        yield make_element(NarrativeText, "\n".join(lines))


def _is_prose(node: Any) -> bool:
    """Whether text stands beside elements in `node`."""
    said = [node.text, *(child.tail for child in node)]
    return any(part and part.strip() for part in said)


def _text(node: Any) -> str:
    """All text in `node`; text that is not prose is a field, and fields do not run together."""
    parts = [node.text or ""]
    for child in node:
        parts += [_text(child), child.tail or ""]
    return one_line(("" if _is_prose(node) else " ").join(parts))


def _rows(children: list[Any]) -> list[list[str]]:
    """The rows of a table if `children` are alike and hold only short fields, else none."""
    if len(children) < 2 or len({child.tag for child in children}) > 1:
        return []
    columns: dict[str, None] = {}
    unnamed = True
    for child in children:
        tags = [cell.tag for cell in child if isinstance(cell.tag, str)]
        if len(tags) < 2 or _is_prose(child):
            return []
        for cell in child:
            is_deep = len(cell) > 1 or any(len(inner) for inner in cell)
            if is_deep or sum(map(len, cell.itertext())) > MAX_CELL_CHARACTERS:
                return []
        unnamed = unnamed and len(set(tags)) == 1
        columns.update(dict.fromkeys(tags))
    if unnamed:
        return [[_cell(cell) for cell in child] for child in children]
    if any(len(child) > len({cell.tag for cell in child}) for child in children):
        return []
    rows = [[_cell(child.find(column)) for column in columns] for child in children]
    return [[_local(column) for column in columns], *rows]


def _cell(node: Any) -> str:
    return _text(node) if node is not None else ""


def _name(node: Any) -> str:
    return _local(node.tag).lower() if isinstance(node.tag, str) else ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
