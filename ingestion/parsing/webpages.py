"""A parsed web page into elements, in reading order: headings, paragraphs, lists, tables, code, what pictures show.

What readers do not see is left out, nothing else; tables that only place things on the page are read as blocks. From
bytes to a parsed page is `markup`'s business.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import html

from ingestion.parsing.characters import one_line
from ingestion.parsing.cleaning import clean_elements, listed_or_paragraph
from ingestion.parsing.elements import Category, CodeSnippet, Element, FigureCaption, ListItem, Title, make_element
from ingestion.parsing.joining import UNSPACED_CHARACTER
from ingestion.parsing.links import address_beside
from ingestion.parsing.tables import html_rows, table_elements, without_empty_columns

UNSEEN = {
    "annotation",
    "annotation-xml",
    "button",
    "datalist",
    "dialog",
    "iframe",
    "nav",
    "noscript",
    "object",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "title",
}
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir", "div", "dl", "dt",
    "fieldset", "figure", "footer", "form", "frameset", "header", "hgroup", "hr", "html", "legend", "li", "main",
    "menu", "ol", "optgroup", "p", "search", "section", "summary", "table", "tbody", "td", "textarea", "tfoot", "th",
    "thead", "tr", "ul",
}  # fmt: skip
VERBATIM = {"pre", "listing", "xmp", "plaintext"}
CAPTIONS = {"figcaption", "caption"}
HEADING = re.compile(r"h([1-6])")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
WHITE_SPACE = re.compile(r"[ \t\n\r\f]+")
BROKEN_LINE = re.compile(rf"(?<={UNSPACED_CHARACTER.pattern})[ \t\r\f]*\n[ \t\n\r\f]*(?={UNSPACED_CHARACTER.pattern})")
FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?)", re.I)


def tree_elements(root: Any) -> list[Element]:
    """The elements of a parsed page; changes the tree."""
    _tidy(root)
    reader = _Reader()
    reader.block(root)
    return clean_elements(reader.elements)


def _tidy(root: Any) -> None:
    for element in list(root.iter(*UNSEEN)):
        if element.getparent() is not None:
            element.drop_tree()
    for element in [*root.iterfind(".//*[@style]"), *root.iterfind(".//*[@hidden]")]:
        if element.getparent() is not None and (
            element.get("hidden") is not None or HIDDEN.search(element.get("style"))
        ):
            element.drop_tree()
    for picture in root.iter("img", "area"):
        alternative = one_line(picture.get("alt") or "")
        picture.text = "" if FILE_NAME.fullmatch(alternative) else alternative
    for numbered in root.iter("ol"):
        _number(numbered)
    for raised in root.iter("sup"):
        if (raised.text or "").strip().isdecimal():
            raised.text = "^" + raised.text.strip()  # 10² is not 102, and the mark of a note not part of its word.
    for link in list(root.iter("a", "area")):
        _show_address(link)


def _show_address(link: Any) -> None:
    """Write the address of `link` behind its words: below a heading, which stays as it is, and never into code."""
    address = address_beside("".join(link.itertext()), link.get("href"))
    if not address or next(link.iterancestors(*VERBATIM), None) is not None:
        return
    if (heading := next(link.iterancestors(*HEADINGS), None)) is not None:
        below = html.Element("p")
        below.text, below.tail, heading.tail = address, heading.tail, None
        heading.addnext(below)
    elif len(link):
        link[-1].tail = f"{link[-1].tail or ''} ({address})"
    else:
        link.text = f"{link.text} ({address})"


class _Reader:
    """Walks a tree and collects elements; text runs on through inline tags until a block begins or ends."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self._run: list[str] = []
        self._marker: str | None = None  # What stands before the next text of a list item.
        self._pictures_only = True

    def block(self, node: Any) -> None:
        """Read `node` as a block: what comes before and after it is another paragraph."""
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
            self._picture(node)
        elif tag == "table":
            self._table(node)
        elif tag == "li":
            self._list_item(node)
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
            self._inline(node)

    def _inline(self, node: Any) -> None:
        beside = node.getprevious()
        if node.tag == "a" and beside is not None and beside.tag == "a" and not beside.tail:
            self._run.append(" ")  # Two links without anything between them are not one word.
        self._inside(node)

    def _say(self, text: str | None) -> None:
        if text:
            text = _spaced(text)
            self._pictures_only = self._pictures_only and not text.strip()
            self._run.append(text)

    def _picture(self, node: Any) -> None:
        if node.text:
            self._run.append(f" {node.text} ")

    def _whole(self, node: Any, kind: Category, level: int | None = None) -> None:
        """An element that holds no blocks, whatever the page has put into it."""
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

    def _list_item(self, node: Any) -> None:
        self._end_run()
        around = node.getparent()
        self._marker = node.get("value") if around is not None and around.tag == "ol" else ""
        self.block(node)
        self._marker = None

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
    """`text` as a browser spaces it, but that lines broken in Chinese are joined."""
    if "\n" in text and not text.isascii():
        text = BROKEN_LINE.sub("", text)
    return WHITE_SPACE.sub(" ", text)


def _texts(node: Any) -> Iterator[str]:
    """The text inside, cut where blocks and lines end, so that their words do not run together."""
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


def _number(numbered: Any) -> None:
    """Write down what a browser would draw before each item."""
    start = numbered.get("start") or "1"
    number = int(start[:6]) if start.isdecimal() else 1
    for item in numbered.iterchildren("li"):
        given = item.get("value") or ""
        number = int(given[:6]) if given.isdecimal() else number
        item.set("value", f"{number}. ")
        number += 1


def _is_layout(table: Any) -> bool:
    """Whether a table only places things on the page: one column, or whole blocks and tables inside."""
    if table.get("role") == "presentation" or table.find(".//table") is not None:
        return True
    if max((len(row) for row in table.iter("tr")), default=0) < 2:
        return True
    return table.find(".//h1") is not None or len(table.findall(".//td//p")) > 3 * len(table.findall(".//tr"))
