"""Text as it may be stored and searched: no control characters, composed Unicode, sane white space, honest titles.

Every reader's text passes through here once; what the text means is not decided here.
"""

import re
import unicodedata
from collections.abc import Iterable

from ingestion.parsing.elements import Element, Kind

# Controls except tab and newline, lone surrogates, non-characters, byte-order marks, soft hyphens, zero-width spaces.
UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
BLANKS = re.compile(
    "[\t\u00a0\u2000-\u200a\u202f\u205f][ \t\u00a0\u2000-\u200a\u202f\u205f]*| [ \t\u00a0\u2000-\u200a\u202f\u205f]+"
)
MANY_NEWLINES = re.compile(r"\n{3,}")
SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")

BULLET = re.compile(r"\s*(?:[•·●○▪◦‣⁃■□➢❖\uf0b7\uf0a7\uf0d8]|[*–—-](?=\s))\s*")
# Ligatures and radicals that stand for the letters and characters people search for.
COMPATIBLE = re.compile("[\ufb00-\ufb06\u2f00-\u2fd5]")
LONGEST_TITLE = 200
LONGEST_HEADING = 300
SHORTEST_TITLE = re.compile(r"\w{3}|\w.*\s\w|[\u3040-\u9fff\uac00-\ud7a3]{2}")
JUNK_TITLE = re.compile(
    r"""^(?: untitled.* | 无标题.* | 無標題.* | 未命名.* | (?:document|文档)\s*\d* | 文件\s*\d+
    | presentation\s*\d* | powerpoint[ ]presentation | powerpoint\s演示文稿 | slide\s*\d+ | 幻灯片\s*\d+
    | title | 标题 | new[ ]document | [\W\d_]*
    | .{0,120}\.(?: docx? | xlsx? | pptx? | pdf | html? | rtf | txt | tex | dvi | indd | qxd | odt | wpd | ps | eps)
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
PROGRAM_PREFIX = re.compile(r"^(?:microsoft\s+(?:word|powerpoint|excel)|wps[^-]{0,20})\s*-\s*", re.IGNORECASE)


def clean_text(text: str) -> str:
    """`text` without what PostgreSQL and people choke on, in NFC, each run of blanks as one space."""
    text = clean_verbatim(text)
    text = BLANKS.sub(" ", text).replace(" \n", "\n").replace("\n ", "\n")
    return MANY_NEWLINES.sub("\n\n", text).strip()


def clean_verbatim(text: str) -> str:
    """As `clean_text`, but white space stays as it is: for code."""
    if not text.isascii():
        text = SURROGATE_PAIR.sub(_joined_surrogates, text)
        text = COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
        text = unicodedata.normalize("NFC", text)
    return UNWANTED.sub("", LINE_ENDS.sub("\n", text))


def _joined_surrogates(match: re.Match[str]) -> str:
    return match.group().encode("utf-16", "surrogatepass").decode("utf-16")


def one_line(text: str) -> str:
    """`text` with every run of white space as one space."""
    return " ".join(clean_verbatim(text).split())


def clean_elements(elements: Iterable[Element]) -> list[Element]:
    """The elements that still have text once it is cleaned."""
    cleaned = (_cleaned(element) for element in elements)
    return [element for element in cleaned if element.text]


def _cleaned(element: Element) -> Element:
    kind, level = element.kind, element.level
    if kind is Kind.CODE:
        text = clean_verbatim(element.text).strip("\n")
        text = text if text.strip() else ""
    elif kind is Kind.TABLE:
        text = clean_verbatim(element.text)  # Its cells have been trimmed one by one.
    elif kind in (Kind.HEADING, Kind.TITLE):
        text = one_line(element.text)
    else:
        text = clean_text(element.text)
    if kind in (Kind.HEADING, Kind.TITLE) and len(text) > LONGEST_HEADING:
        kind, level = Kind.PARAGRAPH, None  # A whole paragraph in a heading style is a paragraph.
    if text == element.text and kind is element.kind:
        return element
    return Element(kind, text, element.page, level, element.box)


def listed_or_paragraph(text: str, page: int | None = None) -> Element:
    """A list item where the text begins with a bullet, which is left out, else a paragraph."""
    if bullet := BULLET.match(text):
        return Element(Kind.LIST_ITEM, text[bullet.end() :], page)
    return Element(Kind.PARAGRAPH, text, page)


def sensible_title(title: str | None) -> str:
    """`title` if it names the document, or "" when a program or a file name made it up."""
    title = PROGRAM_PREFIX.sub("", one_line(title or ""))
    if len(title) > LONGEST_TITLE or not SHORTEST_TITLE.search(title) or JUNK_TITLE.match(title) or "\ufffd" in title:
        return ""
    return title


def title_of(metadata: str | None, elements: Iterable[Element]) -> str:
    """The document's own title: from its metadata, else from a title or first-level heading near its start."""
    if title := sensible_title(metadata):
        return title
    for _position, element in zip(range(5), elements, strict=False):
        if element.kind is Kind.TITLE or (element.kind is Kind.HEADING and element.level == 1):
            return sensible_title(element.text)
    return ""
