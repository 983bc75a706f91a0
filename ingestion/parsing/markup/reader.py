"""HTML and Markdown: from bytes or text of any encoding, even with errors, to a parsed page.

`pages` makes elements of a parsed page. EPUB chapters and mail bodies are parsed here, too.
"""

import re
from pathlib import Path
from typing import Any

from lxml import etree, html

from ingestion.errors.exceptions import TOO_LARGE, UnreadableDocument
from ingestion.parsing.elements import Element, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.markup.deep_nesting import flattened
from ingestion.parsing.markup.pages import tree_elements
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import clean_verbatim, one_line
from ingestion.parsing.text.cleaning import clean_elements, title_of
from ingestion.parsing.text.encodings import decode

DECLARED_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.I
)
DECLARED_ENCODING = re.compile(
    rb"<\?xml[^>]{0,100}encoding\s*=\s*[\"']([A-Za-z0-9_.-]{2,40})[\"']", re.I
)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
FRONT_MATTER = re.compile(
    r"\A(---|\+\+\+)[ \t]*\r?\n(.*?)\r?\n(?:\1|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S
)
FRONT_MATTER_FIELD = re.compile(r"^(\w[\w-]*+(?: [\w-]++)*+)[ \t]*+([:=])(.*)$", re.M)
QUOTED = re.compile(r"([\"'])(.*)\1")


def read_html(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a web page."""
    root = html_root(decode_markup(read_capped(path, options)))
    if root is None:
        return Parsed(())
    title = root.findtext(".//title")
    elements = tree_elements(root)
    return Parsed(tuple(elements), title_of(title, elements))


def read_markdown(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a Markdown document, with or without front matter."""
    text = decode(path.read_bytes()).removeprefix("\ufeff")
    title, fields, text = _front_matter(text)
    elements = markdown_elements(text)
    if title and not any(element.text == title for element in elements[:3]):
        elements.insert(0, make_element(Title, title))
    if fields:
        elements.insert(
            int(bool(elements) and elements[0].text == title), make_element(NarrativeText, fields)
        )
    return Parsed(tuple(clean_elements(elements)), title_of(title, elements))


def _front_matter(text: str) -> tuple[str, str, str]:
    """The title, the other front-matter fields as lines, and the text; "" for missing parts."""
    found = FRONT_MATTER.match(text)
    if found is None or not FRONT_MATTER_FIELD.search(found[2]):
        return "", "", text
    title, lines = "", []
    for line in found[2].splitlines():
        field = FRONT_MATTER_FIELD.fullmatch(line)
        value = QUOTED.sub(r"\2", field[3].strip()) if field else ""
        if field and field[1].lower() == "title" and value:
            title = one_line(value)
        elif field:
            lines.append(f"{field[1]}: {value}".rstrip())
        else:
            lines.append(line)
    return title, "\n".join(lines).strip(), text[found.end() :]


def markdown_elements(text: str) -> list[Element]:
    """The elements of a text in Markdown."""
    from markdown_it import MarkdownIt

    return html_elements(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


def read_capped(path: Path, options: Options) -> bytes:
    """The bytes of a document; raises UnreadableDocument if it has too many tags for the memory."""
    data = path.read_bytes()
    if data.count(b"<") > options.max_tags:
        raise UnreadableDocument(TOO_LARGE, f"tags:{options.max_tags}")
    return data


def decode_markup(data: bytes) -> str:
    """The text of a page, decoded by its declaration if that is valid."""
    found = DECLARED_ENCODING.search(data[:1024]) or DECLARED_CHARSET.search(data[:8192])
    return decode(data, found[1].decode("ascii") if found else "")


def without_declaration(text: str) -> str:
    """The text without its XML declaration, whose encoding no longer applies."""
    return XML_DECLARATION.sub("", text.lstrip("\ufeff"), count=1)


def html_elements(text: str) -> list[Element]:
    """The elements of a page or fragment."""
    root = html_root(text)
    return [] if root is None else tree_elements(root)


def html_root(text: str) -> Any:
    """The root of the page, or None if the page is empty."""
    text = clean_verbatim(without_declaration(text))
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
