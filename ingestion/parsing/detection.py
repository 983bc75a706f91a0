"""The media type of a file, by its bytes; the name decides only among texts.

Signatures and suffixes come from the rows in `formats`. ZIP packages, OLE containers and texts
recognized by their content have rules here. Detection is cheap and safe enough for the web process:
it reads the head of the file and, of a ZIP package, the directory and two small parts. Unsupported
formats are refused with a reason.
"""

import json
import re
from contextlib import suppress
from pathlib import Path, PurePath

from ingestion.errors.exceptions import CORRUPT, EMPTY, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.formats import (
    BY_SUFFIX,
    DOCX,
    EML,
    EPUB,
    FORMATS,
    HTML,
    JSON,
    MARKDOWN,
    MBOX,
    MHTML,
    MSG,
    ODP,
    ODS,
    ODT,
    PDF,
    PPTX,
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
    OLE_MESSAGE,
    media_type_for,
    refusal_for,
)
from ingestion.parsing.text.encodings import decode
from ingestion.parsing.zip_package import Package

HEAD_BYTES = 64 * 1024
PDF_HEADER_BYTES = 8 * 1024
PDF_INSIDE = re.compile(rb"%PDF-|\d \d{1,5} obj\b")
MAX_PART_BYTES = 1024 * 1024
MAX_MIMETYPE_BYTES = 200
OLE_BLOCK_BYTES, OLE_OVERLAP_BYTES = 1024 * 1024, 64
TEXT_BY_SUFFIX = {suffix: each.media_type for suffix, each in BY_SUFFIX.items() if each.is_text}
BINARY_SUFFIXES = {suffix for suffix, each in BY_SUFFIX.items() if not each.is_text}
OLE_STREAMS = {stream: each.media_type for each in FORMATS for stream in each.ole_streams}
PACKAGE_BY_SUFFIX = {
    suffix: each.media_type
    for suffix, each in BY_SUFFIX.items()
    if each.media_type in (DOCX, PPTX, XLSX)
}
OFFICE_PARTS = (
    (re.compile(rb"ms-excel\.sheet\.binary"), XLSB),
    (
        re.compile(
            rb"spreadsheetml\.(sheet|template)\.main|ms-excel\.(sheet|template|addin)\.macroEnabled\.main"
        ),
        XLSX,
    ),
    (
        re.compile(
            rb"wordprocessingml\.(document|template)\.main|ms-word\.(document|template)\.macroEnabled"
        ),
        DOCX,
    ),
    (
        re.compile(
            rb"presentationml\.(presentation|slideshow|template)\.main|ms-powerpoint\.\w+\.macroEnabled\.main"
        ),
        PPTX,
    ),
)
IWORK = re.compile(r"(?:^|/)(?:Index/|Index\.zip$|buildVersionHistory\.plist$)", re.I)
# These expressions run during uploads, so none of them may backtrack.
LOOKS_LIKE_HTML = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?+(?>(?:(?><!--.*?-->)\s*+)*)<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
HAS_TAGS = re.compile(r"<(?:p|div|h[1-6]|table|ul|ol|br|span|a|title|meta|body)\b[^<>]*+>", re.I)
LOOKS_LIKE_XML = re.compile(
    r"\s*(?:<\?xml\b|<!DOCTYPE\s+(?!html\b)[\w.:-]+[\s>]|<[\w.:-]+\s[^<>]*\bxmlns\b)", re.I
)
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
# Without backspace, which manual pages contain, and escape, which coloured logs contain.
CONTROLS = re.compile("[\x01-\x07\x0e-\x1a\x1c-\x1f\x7f]")


def detect_media_type(path: Path, name: str) -> str:
    """The media type of the file at `path`, uploaded as `name`.

    Raises UnreadableDocument for a file that is empty, broken or of an unsupported format.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    suffix = PurePath(name).suffix.lower()
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableDocument(EMPTY)
    if head.startswith(b"PK\x03\x04") or (head.startswith(b"PK") and suffix in BINARY_SUFFIXES):
        return _package_type(path)
    if head.startswith(OLE):
        return _ole_type(path, suffix)
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    # Bytes before the header are common, but a text may mention "%PDF-".
    if start.startswith(b"%PDF-") or (
        suffix == ".pdf" and PDF_INSIDE.search(head[:PDF_HEADER_BYTES])
    ):
        return PDF
    if start.startswith(b"{\\rtf"):
        return RTF
    if media_type := media_type_for(head):
        return media_type
    if reason := refusal_for(head):
        raise UnreadableDocument(UNSUPPORTED, reason)
    return _text_type(head, suffix)


def _package_type(path: Path) -> str:
    """The media type of a ZIP archive, Office package, OpenDocument package or e-book."""
    with Package(path) as package:
        if "[Content_Types].xml" in package.names:
            types = package.read("[Content_Types].xml", MAX_PART_BYTES)
            found = next(
                (media_type for pattern, media_type in OFFICE_PARTS if pattern.search(types)), None
            )
        elif "mimetype" in package.names:
            mimetype = (
                package.read("mimetype", MAX_MIMETYPE_BYTES)
                .decode("ascii", errors="replace")
                .strip()
            )
            # The type of a template begins with that of its documents.
            opendocument = next(
                (each for each in (ODT, ODS, ODP) if mimetype.startswith(each)), None
            )
            found = EPUB if mimetype == EPUB else opendocument
        elif "META-INF/container.xml" in package.names:
            found = EPUB
        elif any(IWORK.search(name) for name in package.names):
            raise UnreadableDocument(UNSUPPORTED, "iwork")
        else:
            found = ZIP
    if found is None:
        raise UnreadableDocument(UNSUPPORTED)
    return found


def _ole_type(path: Path, suffix: str) -> str:
    """The media type of an OLE container; the suffix decides if the package is encrypted."""
    names = _ole_names(path)
    if OLE_ENCRYPTED_PACKAGE in names:
        return PACKAGE_BY_SUFFIX.get(suffix, DOCX)
    if OLE_MESSAGE in names and suffix not in (".doc", ".xls", ".ppt"):
        return MSG
    for stream, media_type in OLE_STREAMS.items():
        if stream in names:
            return media_type
    raise UnreadableDocument(UNSUPPORTED)


def _ole_names(path: Path) -> set[str]:
    """The known stream names in a container, found without trusting its directory."""
    needles = {
        name: (name + "\0").encode("utf-16-le")
        for name in (OLE_ENCRYPTED_PACKAGE, OLE_MESSAGE, *OLE_STREAMS)
    }
    found: set[str] = set()
    with path.open("rb") as file:
        overlap = b""
        while block := file.read(OLE_BLOCK_BYTES):
            found.update(name for name, needle in needles.items() if needle in overlap + block)
            overlap = block[-OLE_OVERLAP_BYTES:]
    return found


def _text_type(head: bytes, suffix: str) -> str:
    """The media type of a text, by its suffix unless its content contradicts."""
    text = decode(head)
    if _is_binary(text, head):
        raise UnreadableDocument(
            *((CORRUPT, "name") if suffix in BINARY_SUFFIXES else (UNSUPPORTED,))
        )
    by_name = TEXT_BY_SUFFIX.get(suffix, "")
    if by_name != MARKDOWN and LOOKS_LIKE_HTML.match(text.lstrip("\ufeff")):
        return HTML
    if by_name == HTML:
        return HTML if HAS_TAGS.search(text) else TEXT
    if by_name in (EML, MBOX, MHTML, ""):
        return _type_by_content(by_name, text.lstrip("\ufeff\r\n"))
    return by_name


def _type_by_content(by_name: str, start: str) -> str:
    """The media type of a message, mailbox or saved page, or of a text with an unknown suffix."""
    headers = HEADER_LINE.findall(EMPTY_LINE.split(start, maxsplit=1)[0])
    known = {name.lower() for name in headers} & MAIL_HEADERS
    first = HEADER_LINE.match(start) or start.startswith((">From ", "From "))
    if first and len(known) >= (3 if by_name == "" else 1):
        if MAILBOX_LINE.match(start) and (by_name == MBOX or len(MAILBOX_LINE.findall(start)) > 1):
            return MBOX
        saved = MULTIPART_RELATED.search(start)
        return MHTML if saved and (by_name == MHTML or SAVED_BY_BROWSER.search(start)) else EML
    if LOOKS_LIKE_XML.match(start):
        return XML
    return JSON if _is_json(start) else TEXT


def _is_json(start: str) -> bool:
    """Whether a text is JSON as a whole or in its first line, or begins like exported elements."""
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
    """Whether a decoded file is no text: too many NULs, control characters or undecodable bytes."""
    nuls, controls, unreadable = (
        text.count("\x00"),
        len(CONTROLS.findall(text)),
        text.count("\ufffd"),
    )
    if b"\x00" in head[:4] and nuls + controls + unreadable > len(text) // 4:
        return True
    # Some logs separate fields by control characters.
    most_controls = len(text) // (5 if text.isascii() else 14)
    return (
        nuls > max(8, len(text) // 50)
        or controls > max(8, most_controls)
        or unreadable > max(8, len(text) // 4)
    )
