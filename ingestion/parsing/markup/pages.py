"""From a parsed web page to headings, paragraphs, lists, tables, code and text of pictures.

Only content that a browser does not show is left out; layout tables are read as blocks. `reader`
parses the page.
"""

import re
from collections.abc import Iterator
from typing import Any

from ingestion.parsing.elements import (
    Category,
    CodeSnippet,
    Element,
    FigureCaption,
    ListItem,
    Title,
    make_element,
)
from ingestion.parsing.markup.rendered_text import VERBATIM, render
from ingestion.parsing.text.characters import one_line
from ingestion.parsing.text.cleaning import clean_elements, listed_or_paragraph
from ingestion.parsing.text.line_joining import UNSPACED_CHARACTER
from ingestion.parsing.text.tables import html_rows, table_elements, without_empty_columns

BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir", "div", "dl", "dt",
    "fieldset", "figure", "footer", "form", "frameset", "header", "hgroup", "hr", "html", "legend", "li", "main",
    "menu", "ol", "optgroup", "p", "search", "section", "summary", "table", "tbody", "td", "textarea", "tfoot", "th",
    "thead", "tr", "ul",
}  # fmt: skip
CAPTIONS = {"figcaption", "caption"}
HEADING = re.compile(r"h([1-6])")
WHITE_SPACE = re.compile(r"[ \t\n\r\f]+")
BROKEN_LINE = re.compile(
    rf"(?<={UNSPACED_CHARACTER.pattern})[ \t\r\f]*\n[ \t\n\r\f]*(?={UNSPACED_CHARACTER.pattern})"
)


def tree_elements(root: Any) -> list[Element]:
    """The elements of a parsed page; changes the tree."""
    render(root)
    reader = _PageReader()
    reader.block(root)
    return clean_elements(reader.elements)


class _PageReader:
    """Collects the elements of a tree; text continues until a block begins or ends."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self._run: list[str] = []
        self._marker: str | None = None  # The number before the text of a list item.
        self._pictures_only = True

    def block(self, node: Any) -> None:
        """Read `node` as a block, which ends the paragraph before it."""
        self._end_run()
        self._inside(node)
        self._end_run()

    def _inside(self, node: Any) -> None:
        self._say(node.text)
        for child in node:
            if isinstance(child.tag, str):
                self._child(child)
            self._say(child.tail)

    def _child(self, node: Any) -> None:
        tag = node.tag.lower()
        if tag == "br":
            self._run.append("\n")
        elif tag in ("img", "area"):
            if node.text:
                self._run.append(f" {node.text} ")
        elif tag == "table":
            self._table(node)
        elif tag == "li":
            self._end_run()
            around = node.getparent()
            self._marker = node.get("value") if around is not None and around.tag == "ol" else ""
            self.block(node)
            self._marker = None
        elif tag in VERBATIM:
            self._end_run()
            self.elements.append(make_element(CodeSnippet, "".join(node.itertext()).strip("\n")))
        elif tag in CAPTIONS:
            self._whole(node, FigureCaption)
        elif level := _heading_level(node, tag):
            self._whole(node, Title, level)
        elif tag in BLOCKS:
            self.block(node)
        else:
            beside = node.getprevious()
            if tag == "a" and beside is not None and beside.tag == "a" and not beside.tail:
                self._run.append(" ")  # Adjacent links are separate words.
            self._inside(node)

    def _say(self, text: str | None) -> None:
        if text:
            text = _spaced(text)
            self._pictures_only = self._pictures_only and not text.strip()
            self._run.append(text)

    def _whole(self, node: Any, kind: Category, level: int | None = None) -> None:
        """Read `node` as one element, even if it contains blocks."""
        self._end_run()
        text = one_line(" ".join(_texts(node)))
        if text:
            self.elements.append(make_element(kind, text, level=level))

    def _end_run(self) -> None:
        text = "".join(self._run).strip()
        pictures_only = self._pictures_only
        self._run, self._pictures_only = [], True
        if not text:
            return
        if self._marker is not None:
            self.elements.append(make_element(ListItem, self._marker + text))
            self._marker = None
        elif pictures_only:
            self.elements.append(make_element(FigureCaption, text))
        else:
            self.elements.append(listed_or_paragraph(text))

    def _table(self, node: Any) -> None:
        self._end_run()
        if _is_layout(node):
            self.block(node)
            return
        for caption in node.iterchildren("caption"):
            self._whole(caption, FigureCaption)
        for block in node.iter("br", "p", "div", "li", "dd", "dt"):
            block.tail = "\n" + (block.tail or "")
        self.elements.extend(table_elements(without_empty_columns(html_rows(node))))


def _spaced(text: str) -> str:
    """`text` with white space as in a browser, except that Chinese lines are joined."""
    if "\n" in text and not text.isascii():
        text = BROKEN_LINE.sub("", text)
    return WHITE_SPACE.sub(" ", text)


def _texts(node: Any) -> Iterator[str]:
    """The text inside, split at the ends of blocks and lines, so that words stay apart."""
    text = ""
    for step, part in _steps(node):
        if step in ("br", *BLOCKS):
            yield _spaced(text)
            text = part
        else:
            text += part
    yield _spaced(text)


def _steps(node: Any) -> Iterator[tuple[str, str]]:
    yield "", node.text or ""
    for child in node:
        if isinstance(child.tag, str):
            yield child.tag, ""
            yield from _steps(child)
            yield child.tag, child.tail or ""
        else:
            yield "", child.tail or ""


def _heading_level(node: Any, tag: str) -> int:
    if match := HEADING.fullmatch(tag):
        return int(match[1])
    if node.get("role") == "heading":
        level = node.get("aria-level") or "2"
        return int(level) if level in "123456" else 2
    return 0


def _is_layout(table: Any) -> bool:
    """Whether a table serves layout only: it has one column, or contains blocks or tables."""
    if table.get("role") == "presentation" or table.find(".//table") is not None:
        return True
    if max((len(row) for row in table.iter("tr")), default=0) < 2:
        return True
    return table.find(".//h1") is not None or len(table.findall(".//td//p")) > 3 * len(
        table.findall(".//tr")
    )
