"""Office packages (DOCX, PPTX, XLSX), sanitized before they are parsed.

Packages are decrypted, parts are inflated once under a budget, pictures and programs are emptied,
entities are refused, strict namespaces and macro types are replaced by the usual ones, relations
without a target are removed.
"""

import io
import posixpath
import re
from pathlib import Path
from typing import IO, Any, NamedTuple

from lxml import etree

from ingestion.errors.exceptions import CORRUPT, PASSWORD_NEEDED, UnreadableDocument
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.signatures import OLE
from ingestion.parsing.zip_package import Package

CONTENT_TYPES = "[Content_Types].xml"
CORE = "docProps/core.xml"
KEPT_SUFFIXES = (".xml", ".rels", ".vml")
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp")
MIN_PICTURE_BYTES = 4 * 1024  # A smaller picture is a bullet, a line or a logo.
MAX_PICTURE_BYTES = 64 * 1024 * 1024
STRICT = b"http://purl.oclc.org/ooxml/"
TRANSITIONAL = (
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/presentationml/main",
        b"http://schemas.openxmlformats.org/presentationml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/",
        b"http://schemas.openxmlformats.org/drawingml/2006/",
    ),
)
MAIN_TYPES = (
    (
        re.compile(
            rb"application/vnd\.(?:ms-word\.(?:document|template)\.macroEnabledTemplate|ms-word\.(?:document|template)\.macroEnabled\.?"
            rb"|openxmlformats-officedocument\.wordprocessingml\.template\.)main\+xml"
        ),
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ),
    (
        re.compile(
            rb"application/vnd\.(?:ms-powerpoint\.(?:presentation|template|slideshow)\.macroEnabled\."
            rb"|openxmlformats-officedocument\.presentationml\.(?:template|slideshow)\.)main\+xml"
        ),
        b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    ),
)
DECLARATION = re.compile(r"^<\?xml[^>]*\?>")
DECLARATIONS = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Relation(NamedTuple):
    """A relation to another part: the kind of relation and the name of the part."""

    kind: str
    part: str


class CleanPackage:
    """The sanitized parts of an Office document by name, in memory; pictures are read on demand."""

    def __init__(self, parts: dict[str, bytes], source: Path | IO[bytes]) -> None:
        self.parts = parts
        self._source = source
        self._seen: set[str] = set()

    def picture(self, name: str) -> bytes:
        """The bytes of a picture on the first call; b"" on later calls and for small pictures."""
        if name in self._seen or not name.lower().endswith(PICTURES) or name not in self.parts:
            return b""
        self._seen.add(name)
        try:
            with Package(self._source, MAX_PICTURE_BYTES) as package:
                data = package.read(name)
        except UnreadableDocument:
            return b""  # The document is read without the picture.
        return data if len(data) >= MIN_PICTURE_BYTES else b""

    def count(self, prefix: str) -> int | None:
        """The number of parts whose name begins with `prefix`, or None if there are none."""
        return sum(name.startswith(prefix) for name in self.parts) or None

    def relations(self, part: str) -> dict[str, Relation]:
        """The relations of `part` by id, except to targets outside the package."""
        folder = part.rpartition("/")[0]
        return {
            relation.get("Id") or "": Relation(_kind(relation), _target(relation, folder))
            for relation in self._named_by(part)
            if relation.get("TargetMode") != "External"
        }

    def links(self, part: str) -> dict[str, str]:
        """The addresses of the links in `part`, by id."""
        return {
            relation.get("Id") or "": relation.get("Target") or ""
            for relation in self._named_by(part)
            if relation.get("TargetMode") == "External" and _kind(relation) == "hyperlink"
        }

    def _named_by(self, part: str) -> list[Any]:
        folder, _slash, name = part.rpartition("/")
        data = self.parts.get(f"{folder}/_rels/{name}.rels".lstrip("/"))
        return list(parse_xml(data).iter(RELATION)) if data else []

    def main_part(self) -> str:
        """The name of the part that holds the document itself."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and relation.part in self.parts:
                return relation.part
        raise UnreadableDocument(CORRUPT)

    def related(self, part: str, *kinds: str) -> list[str]:
        """The parts to which `part` has a relation of one of `kinds`."""
        return [
            relation.part for relation in self.relations(part).values() if relation.kind in kinds
        ]


def open_office(path: Path, password: str | None) -> CleanPackage:
    """The sanitized document at `path`, decrypted with `password` if it is encrypted."""
    with path.open("rb") as file:
        encrypted = file.read(len(OLE)) == OLE
    source = decrypted(path, password) if encrypted else path
    with Package(source) as package:
        parts = {name: _part(package, name) for name in package.names if not name.endswith("/")}
    for name in [name for name in parts if name.endswith(".rels")]:
        parts[name] = _without_dead_ends(name, parts)
    return CleanPackage(parts, source)


def core_title(package: CleanPackage) -> str:
    """The title in the document's properties."""
    if CORE not in package.parts:
        return ""
    try:
        return str(
            parse_xml(package.parts[CORE]).findtext("{http://purl.org/dc/elements/1.1/}title") or ""
        )
    except UnreadableDocument:
        return ""


def decrypted(path: Path, password: str | None) -> IO[bytes]:
    """The decrypted package."""
    if not password:
        raise UnreadableDocument(PASSWORD_NEEDED)
    import msoffcrypto

    plain = io.BytesIO()
    try:
        with path.open("rb") as file:
            document = msoffcrypto.OfficeFile(file)
            document.load_key(password=password, verify_password=True)
            document.decrypt(plain)
    except msoffcrypto.exceptions.InvalidKeyError as exc:
        raise UnreadableDocument(PASSWORD_NEEDED, "wrong") from exc
    except Exception as exc:  # Any exception of a parser means a broken document.
        raise UnreadableDocument(CORRUPT) from exc
    return plain


def _part(package: Package, name: str) -> bytes:
    if not name.lower().endswith(KEPT_SUFFIXES):
        return b""
    data = package.read(name)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16, which the patterns below do not match.
        data = DECLARATION.sub("", data.decode("utf-16", errors="replace")).encode()
    if DECLARATIONS.search(data):
        raise UnreadableDocument(CORRUPT, "unsafe")
    if name == CONTENT_TYPES:
        for pattern, usual in MAIN_TYPES:
            data = pattern.sub(usual, data)
    if STRICT in data:
        for strict, transitional in TRANSITIONAL:
            data = data.replace(strict, transitional)
    return data


def _without_dead_ends(name: str, parts: dict[str, bytes]) -> bytes:
    """The relations of a part, without those whose target is missing."""
    root = parse_xml(parts[name])
    folder = posixpath.dirname(posixpath.dirname(name))
    dead = [
        relation
        for relation in root.iter(RELATION)
        if relation.get("TargetMode") != "External" and _target(relation, folder) not in parts
    ]
    if not dead:
        return parts[name]
    for relation in dead:
        root.remove(relation)
    return bytes(etree.tostring(root, encoding="utf-8"))


def _kind(relation: Any) -> str:
    return (relation.get("Type") or "").rpartition("/")[2]


def _target(relation: Any, folder: str) -> str:
    target = (relation.get("Target") or "").split("#")[0]
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
