"""OpenDocument texts (ODT), straight from the XML inside."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.exceptions import CORRUPT, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.cleaning import clean_elements, title_of
from ingestion.parsing.elements import Element, Kind, Parsed, Progress
from ingestion.parsing.options import Options
from ingestion.parsing.packages import Package
from ingestion.parsing.safexml import parse_xml
from ingestion.parsing.tables import WIDEST, table_elements, without_empty_columns

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
MOST_SPACES = 100
# Written between the lines of a document or beside them, not part of what it says.
UNSEEN = {
    f"{OFFICE}annotation",
    f"{TEXT}tracked-changes",
    f"{TEXT}sequence-decls",
    f"{TEXT}note-citation",
    f"{OFFICE}forms",
    f"{TEXT}bibliography-configuration",
    f"{TEXT}index-title-template",
    f"{OFFICE}scripts",
}


def read_odt(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A text made with LibreOffice and its like."""
    with Package(path) as package:
        if "META-INF/manifest.xml" in package.names and b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise UnreadableDocument(UNSUPPORTED, "protected")
        if "content.xml" not in package.names:
            raise UnreadableDocument(CORRUPT)
        content = parse_xml(package.read("content.xml"))
        metadata = parse_xml(package.read("meta.xml")).findtext(".//{*}title") if "meta.xml" in package.names else ""
    body = content.find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        raise UnreadableDocument(CORRUPT)
    elements = clean_elements(_blocks(body, _title_styles(content), in_list=False))
    return Parsed(tuple(elements), title_of(metadata, elements))


def _title_styles(content: Any) -> set[str]:
    """The names of paragraph styles that mean the document's title, automatic ones included."""
    derived = {
        style.get(f"{STYLE}name")
        for style in content.iter(f"{STYLE}style")
        if style.get(f"{STYLE}parent-style-name") == "Title"
    }
    return derived | {"Title"}


def _blocks(parent: Any, title_styles: set[str], *, in_list: bool) -> Iterator[Element]:
    for block in parent:
        if block.tag == f"{TEXT}h":
            yield Element(Kind.HEADING, _text(block), level=_level(block))
        elif block.tag == f"{TEXT}p":
            yield Element(_paragraph_kind(block, title_styles, in_list=in_list), _text(block))
            yield from _boxes(block, title_styles)
        elif block.tag == f"{TABLE}table":
            yield from table_elements(without_empty_columns(_rows(block)))
        elif isinstance(block.tag, str) and block.tag not in UNSEEN:
            listed = block.tag == f"{TEXT}list-item" or (in_list and block.tag == f"{TEXT}list")
            yield from _blocks(block, title_styles, in_list=listed)


def _paragraph_kind(block: Any, title_styles: set[str], *, in_list: bool) -> Kind:
    if block.get(f"{TEXT}style-name") in title_styles:
        return Kind.TITLE
    return Kind.LIST_ITEM if in_list else Kind.PARAGRAPH


def _level(heading: Any) -> int:
    value = heading.get(f"{TEXT}outline-level") or "1"
    return min(max(int(value), 1), 10) if value.isdecimal() else 1


def _boxes(paragraph: Any, title_styles: set[str]) -> Iterator[Element]:
    """What stands in text boxes and notes anchored in a paragraph, after it."""
    for box in paragraph.iter(f"{DRAW}text-box", f"{TEXT}note-body"):
        yield from _blocks(box, title_styles, in_list=False)


def _text(node: Any) -> str:
    return "".join(_pieces(node))


def _pieces(node: Any) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if child.tag == f"{TEXT}s":
            count = child.get(f"{TEXT}c") or "1"
            yield " " * (min(int(count), MOST_SPACES) if count.isdecimal() else 1)
        elif child.tag in (f"{TEXT}tab", f"{TEXT}line-break"):
            yield "\t" if child.tag == f"{TEXT}tab" else "\n"
        elif (
            isinstance(child.tag, str)
            and child.tag not in UNSEEN
            and child.tag not in (f"{DRAW}text-box", f"{TEXT}note-body")
        ):
            yield from _pieces(child)
        yield child.tail or ""


def _rows(table: Any) -> list[list[str]]:
    """The cells of a table; repeats are written out once, since nobody repeats text on purpose."""
    rows = []
    for row in table.iter(f"{TABLE}table-row"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            text = " ".join(_text(block) for block in cell.iter(f"{TEXT}p", f"{TEXT}h"))
            repeated = cell.get(f"{TABLE}number-columns-repeated") or "1"
            times = int(repeated) if repeated.isdecimal() and len(repeated) < 6 else 1
            cells.extend([text] * min(times, WIDEST - min(len(cells), WIDEST)))
        rows.append(cells)
    return rows
