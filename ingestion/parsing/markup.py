"""HTML, Markdown and plain XML into elements.

A page is decoded, tidied with lxml (what readers do not see goes, layout tables become blocks, spans are filled) and
partitioned by `unstructured`. EPUB chapters and mail bodies come through here too.
"""

import re
from pathlib import Path
from typing import Any

from lxml import etree, html

from ingestion.parsing.cleaning import clean_elements, clean_verbatim, one_line, title_of
from ingestion.parsing.elements import Element, Kind, Parsed, Progress
from ingestion.parsing.encodings import decode
from ingestion.parsing.nesting import flattened
from ingestion.parsing.options import Options
from ingestion.parsing.partitioning import converted, take_page_apart
from ingestion.parsing.safexml import parse_xml
from ingestion.parsing.tables import html_rows

DECLARED_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.I)
DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,100}encoding\s*=\s*[\"']([A-Za-z0-9_.-]{2,40})[\"']", re.I)
UNSEEN = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "select",
    "svg",
    "iframe",
    "object",
    "dialog",
    "datalist",
    "button",
)
# `unstructured` leaves these out or jumps to them; their text is part of the page.
MADE_BLOCKS = {
    "main": "div",
    "article": "div",
    "details": "div",
    "summary": "p",
    "figure": "div",
    "figcaption": "p",
    "form": "div",
    "fieldset": "div",
    "legend": "p",
    "label": "span",
    "textarea": "p",
}
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S)
FRONT_MATTER_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+?)[ \t]*$", re.M)
MARKDOWN_EXTENSIONS = ["tables", "fenced_code", "sane_lists"]


def read_html(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A web page."""
    root = html_root(decode_markup(path.read_bytes()))
    if root is None:
        return Parsed(())
    elements = tree_elements(root)
    return Parsed(tuple(elements), title_of(root.findtext(".//title"), elements))


def read_markdown(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A Markdown document, with or without front matter."""
    import markdown  # Comes with `unstructured`, which would hand its output to the same partitioner.

    text = decode(path.read_bytes()).removeprefix("\ufeff")
    metadata = ""
    if front_matter := FRONT_MATTER.match(text):
        found = FRONT_MATTER_TITLE.search(front_matter[1])
        metadata = found[1].strip("\"'") if found else ""
        text = text[front_matter.end() :]
    elements = html_elements(markdown.markdown(text, extensions=MARKDOWN_EXTENSIONS))
    return Parsed(tuple(elements), title_of(metadata, elements))


def read_xml(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """XML of no known kind: its text, a paragraph for each element that holds some."""
    data = path.read_bytes()
    root = parse_xml(_without_declaration(decode(data, _declared(data))).encode(), recover=True)
    elements = clean_elements(Element(Kind.PARAGRAPH, text) for text in _xml_paragraphs(root))
    return Parsed(tuple(elements))


def decode_markup(data: bytes) -> str:
    """The text of a page, its own declaration of an encoding heard but checked."""
    return decode(data, _declared(data))


def _declared(data: bytes) -> str:
    found = DECLARED_ENCODING.search(data[:1024]) or DECLARED_CHARSET.search(data[:8192])
    return found[1].decode("ascii") if found else ""


def _without_declaration(text: str) -> str:
    """The text without what says it were in another encoding than it now is."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"), count=1)


def html_elements(text: str) -> list[Element]:
    """The elements of a page or of a piece of one."""
    root = html_root(text)
    return [] if root is None else tree_elements(root)


def html_root(text: str) -> Any:
    """The root of the page, or None when there is nothing in it."""
    text = clean_verbatim(_without_declaration(text))
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = html.document_fromstring(text, parser=parser)
        if "depth" in str(parser.error_log):
            root = html.document_fromstring(
                flattened(text), parser=html.HTMLParser(remove_comments=True, remove_pis=True)
            )
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return root


def tree_elements(root: Any) -> list[Element]:
    """The elements of a parsed page; changes the tree."""
    _tidy(root)
    return clean_elements(converted(take_page_apart(etree.tostring(root, encoding="unicode", method="html"))))


def _tidy(root: Any) -> None:
    for element in list(root.iter(*UNSEEN)):
        element.drop_tree()
    for element in list(root.iterfind(".//*[@style]")):
        if HIDDEN.search(element.get("style")) and element.getparent() is not None:
            element.drop_tree()
    for element in root.iter(*MADE_BLOCKS):
        element.tag = MADE_BLOCKS[element.tag]
    for table in list(root.iter("table")):
        if _is_layout(table):
            _made_blocks(table)
        else:
            _made_plain(table)


def _is_layout(table: Any) -> bool:
    """Whether a table only places things on the page: one column, or whole blocks and tables inside."""
    if table.get("role") == "presentation" or table.find(".//table") is not None:
        return True
    if max((len(row) for row in table.iter("tr")), default=0) < 2:
        return True
    return table.find(".//h1") is not None or len(table.findall(".//td//p")) > 3 * len(table.findall(".//tr"))


def _made_blocks(table: Any) -> None:
    for element in table.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th"):
        if next(element.iterancestors("table"), table) is table or element is table:
            element.tag = "div"


def _made_plain(table: Any) -> None:
    """Leave only rows of single cells, because `unstructured` forgets what spans."""
    for block in table.iter("br", "p", "div", "li", "dd", "dt"):
        block.tail = "\n" + (block.tail or "")
    captions = [one_line(caption.text_content()) for caption in table.iter("caption")]
    rows = html_rows(table)
    for child in list(table):
        table.remove(child)
    for caption in captions:
        etree.SubElement(table, "caption").text = caption
    for cells in rows:
        row = etree.SubElement(table, "tr")
        for cell in cells:
            etree.SubElement(row, "td").text = cell


def _xml_paragraphs(root: Any) -> list[str]:
    paragraphs = []
    for element in root.iter(etree.Element):
        text = " ".join((element.text or "").split())
        tails = " ".join(" ".join((child.tail or "").split()) for child in element)
        if joined := f"{text} {tails}".strip():
            paragraphs.append(joined)
    return paragraphs
