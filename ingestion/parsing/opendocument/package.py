"""Shared by ODT, ODS and ODP: the package, the namespaces and the words of a paragraph."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.errors.exceptions import CORRUPT, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.text.links import with_address
from ingestion.parsing.zip_package import Package

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
MANIFEST = "META-INF/manifest.xml"
LINK, ADDRESS = f"{TEXT}a", "{http://www.w3.org/1999/xlink}href"
MAX_SPACES = 100
# Elements that are no part of the text, such as annotations and change tracking.
UNSEEN = {
    f"{OFFICE}annotation",
    f"{TEXT}tracked-changes",
    f"{TEXT}sequence-decls",
    f"{TEXT}note-citation",
    f"{TEXT}number",
    f"{TEXT}table-of-content",
    f"{OFFICE}forms",
    f"{TEXT}bibliography-configuration",
    f"{TEXT}index-title-template",
    f"{OFFICE}scripts",
}
# Anchored elements, which are read after their paragraph.
HANGING = (f"{DRAW}text-box", f"{TEXT}note-body")


def open_document(path: Path, kind: str) -> tuple[Any, Any, str, list[Any]]:
    """Return the content, its body of `kind`, the title property and the roots with styles."""
    with Package(path) as package:
        if MANIFEST in package.names and b"encryption-data" in package.read(MANIFEST):
            raise UnreadableDocument(UNSUPPORTED, "protected")
        if "content.xml" not in package.names:
            raise UnreadableDocument(CORRUPT)
        content = parse_xml(package.read("content.xml"))
        title = (
            parse_xml(package.read("meta.xml")).findtext(".//{*}title")
            if "meta.xml" in package.names
            else ""
        )
        styles = [parse_xml(package.read("styles.xml"))] if "styles.xml" in package.names else []
    body = content.find(f"{OFFICE}body/{OFFICE}{kind}")
    if body is None:
        raise UnreadableDocument(CORRUPT)
    return content, body, title or "", [*styles, content]


def words(node: Any, *, with_addresses: bool = True) -> str:
    """The text of a paragraph with the addresses of its links, without anchored elements."""
    return "".join(_pieces(node, with_addresses))


def _pieces(node: Any, with_addresses: bool) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if child.tag == f"{TEXT}s":
            count = child.get(f"{TEXT}c") or "1"
            yield " " * (min(int(count), MAX_SPACES) if count.isdecimal() else 1)
        elif child.tag in (f"{TEXT}tab", f"{TEXT}line-break"):
            yield "\t" if child.tag == f"{TEXT}tab" else "\n"
        elif child.tag == LINK and with_addresses:
            yield with_address(words(child), child.get(ADDRESS))
        elif isinstance(child.tag, str) and child.tag not in UNSEEN and child.tag not in HANGING:
            yield from _pieces(child, with_addresses)
        yield child.tail or ""


def repeated(node: Any, name: str) -> int:
    """The number of repetitions of a cell or row."""
    value = node.get(f"{TABLE}number-{name}-repeated") or "1"
    return int(value) if value.isdecimal() and len(value) < 9 else 1


def cell_words(cell: Any) -> str:
    """The words of a cell, in one line."""
    return " ".join(
        filter(None, (words(block).strip() for block in cell.iter(f"{TEXT}p", f"{TEXT}h")))
    )
