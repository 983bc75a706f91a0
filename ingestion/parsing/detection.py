"""What kind of document a file is: told by its bytes, its name only decides among kinds of text.

Cheap and safe enough for the web process: reads the head of the file and, of an archive, its directory and two small
parts. Kinds that are not read are refused here, by name.
"""

import json
import re
from contextlib import suppress
from pathlib import Path, PurePath

from ingestion.errors.exceptions import CORRUPT, EMPTY, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.formats import (
    BY_SUFFIX,
    CODE,
    CSV,
    DOCX,
    EML,
    EPUB,
    HTML,
    JSON,
    MARKDOWN,
    MBOX,
    MHTML,
    MSG,
    ODP,
    ODS,
    ODT,
    ORG,
    PDF,
    PPTX,
    RST,
    RTF,
    TEXT,
    XLSB,
    XLSX,
    XML,
    ZIP,
)
from ingestion.parsing.signatures import (
    OLE,
    OLE_ENCRYPTED_PACKAGE,
    OLE_ENTRIES,
    OLE_MESSAGE,
    media_type_for,
    refusal_for,
)
from ingestion.parsing.text.encodings import decode
from ingestion.parsing.zip_package import Package

HEAD = 64 * 1024
PDF_HEADER_WITHIN = 8 * 1024
PDF_INSIDE = re.compile(rb"%PDF-|\d \d{1,5} obj\b")
PART_LIMIT = 1024 * 1024
AS_TEXT = {CODE, CSV, EML, HTML, JSON, MARKDOWN, MBOX, MHTML, ORG, RST, TEXT, XML}
TEXT_BY_SUFFIX = {suffix: each.media_type for suffix, each in BY_SUFFIX.items() if each.media_type in AS_TEXT}
PACKAGE_BY_SUFFIX = {
    suffix: each.media_type for suffix, each in BY_SUFFIX.items() if each.media_type in (DOCX, PPTX, XLSX)
}
BINARY_SUFFIXES = {suffix for suffix, each in BY_SUFFIX.items() if each.media_type not in AS_TEXT}
OFFICE_PARTS = (
    (re.compile(rb"spreadsheetml\.(sheet|template)\.main|ms-excel\.(sheet|template|addin)\.macroEnabled\.main"), XLSX),
    (re.compile(rb"wordprocessingml\.(document|template)\.main|ms-word\.(document|template)\.macroEnabled"), DOCX),
    (
        re.compile(rb"presentationml\.(presentation|slideshow|template)\.main|ms-powerpoint\.\w+\.macroEnabled\.main"),
        PPTX,
    ),
)
IWORK = re.compile(r"(?:^|/)(?:Index/|Index\.zip$|buildVersionHistory\.plist$)", re.I)
# Whoever uploads waits for these, and everybody with them: none may try what it has passed a second time.
LOOKS_LIKE_HTML = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?+(?>(?:(?><!--.*?-->)\s*+)*)<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
HAS_TAGS = re.compile(r"<(?:p|div|h[1-6]|table|ul|ol|br|span|a|title|meta|body)\b[^<>]*+>", re.I)
LOOKS_LIKE_XML = re.compile(r"\s*(?:<\?xml\b|<!DOCTYPE\s+(?!html\b)[\w.:-]+[\s>]|<[\w.:-]+\s[^<>]*\bxmlns\b)", re.I)
LOOKS_LIKE_ELEMENTS = re.compile(
    r"""\s*+(?:\[\s*+\{\s*+"(?:type|element_id)"\s*+:|\{\s*+"schema_name"\s*+:\s*+"DoclingDocument")"""
)
HEADER_LINE = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,50}):[ \t]?", re.M)
MAIL_HEADERS = {
    "from",
    "to",
    "subject",
    "date",
    "received",
    "return-path",
    "message-id",
    "mime-version",
    "delivered-to",
    "content-type",
    "x-mailer",
    "cc",
    "reply-to",
    "sender",
}
MAILBOX_LINE = re.compile(r"^From \S(?>.*?\d\d:\d\d).*+\n[A-Za-z][A-Za-z0-9-]*+:", re.M)
EMPTY_LINE = re.compile(r"\r?\n\r?\n")
MULTIPART_RELATED = re.compile(r"^content-type:\s*multipart/related", re.I | re.M)
SAVED_BY_BROWSER = re.compile(r"^(?:snapshot-content-location:|from:\s*<?saved by )", re.I | re.M)
# Without backspace, which manuals print with, and escape, which colours logs.
CONTROLS = re.compile("[\x01-\x07\x0e-\x1a\x1c-\x1f\x7f]")


def detect_media_type(path: Path, name: str) -> str:
    """The media type of the file at `path` that people call `name`.

    Raises UnreadableDocument for what is empty, broken or of a kind that is not read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    suffix = PurePath(name).suffix.lower()
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableDocument(EMPTY)
    if head.startswith(b"PK\x03\x04") or (head.startswith(b"PK") and suffix in BINARY_SUFFIXES):
        return _packaged(path)
    if head.startswith(OLE):
        return _ole(path, suffix)
    return _by_first_bytes(head, suffix) or _text(head, suffix)


def _by_first_bytes(head: bytes, suffix: str) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    # Junk before the header is common enough to allow, but a text may well speak of "%PDF-".
    if start.startswith(b"%PDF-") or (suffix == ".pdf" and PDF_INSIDE.search(head[:PDF_HEADER_WITHIN])):
        return PDF
    if start.startswith(b"{\\rtf"):
        return RTF
    if media_type := media_type_for(head):
        return media_type
    if reason := refusal_for(head):
        raise UnreadableDocument(UNSUPPORTED, reason)
    return ""


def _packaged(path: Path) -> str:
    with Package(path) as package:
        if "[Content_Types].xml" in package.names:
            return _office(package)
        if "mimetype" in package.names:
            return _with_mimetype(package)
        if "META-INF/container.xml" in package.names:
            return EPUB
        if any(IWORK.search(name) for name in package.names):
            raise UnreadableDocument(UNSUPPORTED, "iwork")
    return ZIP


def _office(package: Package) -> str:
    types = package.read("[Content_Types].xml", PART_LIMIT)
    if b"ms-excel.sheet.binary" in types:
        return XLSB
    for pattern, media_type in OFFICE_PARTS:
        if pattern.search(types):
            return media_type
    raise UnreadableDocument(UNSUPPORTED)


def _with_mimetype(package: Package) -> str:
    mimetype = package.read("mimetype", 200).decode("ascii", errors="replace").strip()
    if mimetype == EPUB:
        return EPUB
    for media_type in (ODT, ODS, ODP):
        if mimetype.startswith(media_type):  # Templates are named after what they are made for.
            return media_type
    raise UnreadableDocument(UNSUPPORTED)


def _ole(path: Path, suffix: str) -> str:
    """An encrypted Office document goes by its name, since only the password shows what is inside."""
    names = _ole_names(path)
    if OLE_ENCRYPTED_PACKAGE in names:
        return PACKAGE_BY_SUFFIX.get(suffix, DOCX)
    if OLE_MESSAGE in names and suffix not in (".doc", ".xls", ".ppt"):
        return MSG
    for entry, media_type in OLE_ENTRIES:
        if entry in names:
            return media_type
    raise UnreadableDocument(UNSUPPORTED)


def _ole_names(path: Path) -> set[str]:
    """Which of the telling names occur in the container: searched for, since parsing it would trust it."""
    wanted = [OLE_ENCRYPTED_PACKAGE, OLE_MESSAGE, *(entry for entry, _media_type in OLE_ENTRIES)]
    needles = {entry: (entry + "\0").encode("utf-16-le") for entry in wanted}
    found: set[str] = set()
    with path.open("rb") as file:
        overlap = b""
        while block := file.read(1024 * 1024):
            found.update(entry for entry, needle in needles.items() if needle in overlap + block)
            overlap = block[-64:]
    return found


def _text(head: bytes, suffix: str) -> str:
    text = decode(head)
    if _is_binary(text, head):
        raise UnreadableDocument(*((CORRUPT, "name") if suffix in BINARY_SUFFIXES else (UNSUPPORTED,)))
    by_name = TEXT_BY_SUFFIX.get(suffix, "")
    if by_name != MARKDOWN and LOOKS_LIKE_HTML.match(text.lstrip("\ufeff")):
        return HTML
    if by_name == HTML:
        return HTML if HAS_TAGS.search(text) else TEXT
    if by_name in (EML, MBOX, MHTML, ""):
        return _mail_or(by_name, text)
    return by_name


def _mail_or(by_name: str, text: str) -> str:
    start = text.lstrip("\ufeff\r\n")
    headers = HEADER_LINE.findall(EMPTY_LINE.split(start, maxsplit=1)[0])
    known = {name.lower() for name in headers} & MAIL_HEADERS
    first = HEADER_LINE.match(start) or start.startswith((">From ", "From "))
    if first and len(known) >= (3 if by_name == "" else 1):
        return _kind_of_mail(by_name, start)
    if LOOKS_LIKE_XML.match(start):
        return XML
    return JSON if _is_json(start) else TEXT


def _kind_of_mail(by_name: str, start: str) -> str:
    """Whether what begins like a message is one, or many, or a page that a browser has saved like one."""
    if MAILBOX_LINE.match(start) and (by_name == MBOX or len(MAILBOX_LINE.findall(start)) > 1):
        return MBOX
    saved = MULTIPART_RELATED.search(start)
    return MHTML if saved and (by_name == MHTML or SAVED_BY_BROWSER.search(start)) else EML


def _is_json(start: str) -> bool:
    """Whether a whole short text is JSON, or the first of its lines are, or elements of other programs begin there."""
    if LOOKS_LIKE_ELEMENTS.match(start):
        return True
    if not start.startswith(("{", "[")):
        return False
    lines = start.splitlines()
    for text in (start, "\n".join(lines[:1]) if len(lines) > 1 else ""):
        with suppress(ValueError, RecursionError):
            return isinstance(json.loads(text), dict | list)
    return False


def _is_binary(text: str, head: bytes) -> bool:
    """Whether what was decoded is no writing: NULs, a tenth controls as in compressed data, unreadable for the most."""
    nuls, controls, unreadable = text.count("\x00"), len(CONTROLS.findall(text)), text.count("\ufffd")
    if b"\x00" in head[:4] and nuls + controls + unreadable > len(text) // 4:
        return True
    most_controls = len(text) // (5 if text.isascii() else 14)  # Some logs part their fields by them.
    return nuls > max(8, len(text) // 50) or controls > max(8, most_controls) or unreadable > max(8, len(text) // 4)
