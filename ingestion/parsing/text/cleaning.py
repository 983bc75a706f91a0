"""Elements with storable, searchable text, and titles that name the document.

The elements of every reader pass through this module once. It does not interpret text.
"""

import re
from collections.abc import Iterable

from ingestion.parsing.elements import (
    CodeSnippet,
    Element,
    ListItem,
    NarrativeText,
    Table,
    Title,
    box_of,
    level_of,
    make_element,
    page_number,
)
from ingestion.parsing.text.characters import clean_text, clean_verbatim, one_line

BULLET = re.compile(r"\s*(?:[•·●○▪◦‣⁃■□➢❖\uf0b7\uf0a7\uf0d8]|[*–—-](?=\s))\s*")
MAX_TITLE_CHARACTERS = 200
MAX_HEADING_CHARACTERS = 300
SUFFICIENT_TITLE = re.compile(
    rf"\w{{3}}|\w.{{0,{MAX_TITLE_CHARACTERS}}}\s\w|[\u3040-\u9fff\uac00-\ud7a3]{{2}}"
)
JUNK_TITLE = re.compile(
    r"""^(?: untitled.* | 无标题.* | 無標題.* | 未命名.* | (?:document|文档)\s*\d* | 文件\s*\d+
    | presentation\s*\d* | powerpoint[ ]presentation | powerpoint\s演示文稿 | slide\s*\d+ | 幻灯片\s*\d+
    | title | 标题 | new[ ]document | [\W\d_]*
    | .{0,120}\.(?: docx? | xlsx? | pptx? | pdf | html? | rtf | txt | tex | dvi | indd | qxd | odt | wpd | ps | eps)
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
PROGRAM_PREFIX = re.compile(
    r"^(?:microsoft\s+(?:word|powerpoint|excel)|wps[^-]{0,20})\s*-\s*", re.IGNORECASE
)


def clean_elements(elements: Iterable[Element]) -> list[Element]:
    """The elements that still have text once it is cleaned."""
    cleaned = (_cleaned(element) for element in elements)
    return [element for element in cleaned if element.text]


def _cleaned(element: Element) -> Element:
    category = type(
        element
    )  # isinstance costs .3 µs with abstract base classes, and there are many elements.
    if category is CodeSnippet:
        text = clean_verbatim(element.text).strip("\n")
        text = text if text.strip() else ""
    elif category is Table:
        text = clean_verbatim(element.text)  # Its cells are already trimmed.
    elif category is Title:
        text = one_line(element.text)
        # A whole paragraph in a heading style is a paragraph.
        if len(text) > MAX_HEADING_CHARACTERS:
            return make_element(NarrativeText, text, page_number(element), None, box_of(element))
    else:
        text = clean_text(element.text)
    element.text = text
    return element


def listed_or_paragraph(text: str, page: int | None = None) -> Element:
    """A list item without its bullet if the text begins with one, else a paragraph."""
    if bullet := BULLET.match(text):
        return make_element(ListItem, text[bullet.end() :], page)
    return make_element(NarrativeText, text, page)


def sensible_title(title: str | None) -> str:
    """`title` if it names the document, or "" when a program or a file name made it up."""
    title = PROGRAM_PREFIX.sub("", one_line(title or ""))
    if (
        len(title) > MAX_TITLE_CHARACTERS
        or not SUFFICIENT_TITLE.search(title)
        or JUNK_TITLE.match(title)
        or "\ufffd" in title
    ):
        return ""
    return title


def title_of(metadata: str | None, elements: Iterable[Element]) -> str:
    """The title of the document: from its metadata, or a title or heading near its start."""
    if title := sensible_title(metadata):
        return title
    for _position, element in zip(range(5), elements, strict=False):
        if isinstance(element, Title) and level_of(element) in (None, 1):
            return sensible_title(element.text)
    return ""
