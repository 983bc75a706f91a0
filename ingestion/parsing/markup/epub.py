"""E-books (EPUB): the chapters in the order of the spine, each read as a web page."""

import posixpath
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ingestion.errors.exceptions import CORRUPT, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.elements import Element, Parsed
from ingestion.parsing.markup.reader import decode_markup, html_elements
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.cleaning import title_of
from ingestion.parsing.zip_package import Package

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
PAGE_TYPES = {
    "application/xhtml+xml",
    "text/html",
    "application/x-dtbook+xml",
    "text/x-oeb1-document",
}
FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read_epub(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read an e-book."""
    with Package(path) as package:
        if ENCRYPTION in package.names:
            encryption = parse_xml(package.read(ENCRYPTION))
            methods = {method.get("Algorithm") for method in encryption.iter("{*}EncryptionMethod")}
            if methods - set(FONT_OBFUSCATION):
                raise UnreadableDocument(UNSUPPORTED, "protected")
        where = _package_document(package)
        book = parse_xml(package.read(where))
        elements: list[Element] = []
        chapters = _chapters(book, posixpath.dirname(where))
        for done, chapter in enumerate(chapters, start=1):
            if chapter in package.names:
                elements.extend(html_elements(decode_markup(package.read(chapter))))
            progress(done / len(chapters))
    return Parsed(tuple(elements), title_of(book.findtext(".//{*}metadata//{*}title"), elements))


def _package_document(package: Package) -> str:
    if CONTAINER in package.names:
        for rootfile in parse_xml(package.read(CONTAINER)).iter("{*}rootfile"):
            if (where := unquote(rootfile.get("full-path") or "")) in package.names:
                return where
    for name in sorted(package.names):
        if name.endswith(".opf"):
            return name
    raise UnreadableDocument(CORRUPT)


def _chapters(book: Any, folder: str) -> list[str]:
    """The names of the pages, in reading order."""
    pages = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
        for item in book.iter("{*}item")
        if item.get("media-type") in PAGE_TYPES
    }
    spine = [
        pages[ref.get("idref")] for ref in book.iter("{*}itemref") if ref.get("idref") in pages
    ]
    return list(dict.fromkeys(spine)) or list(pages.values())
