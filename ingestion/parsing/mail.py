"""Messages (EML, MHT): who wrote what to whom and when, then the body; attachments by name only.

The headers and parts are read by the standard library, which survives wrong encodings; an HTML body goes the way of
every page, through `unstructured`.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import MIMEPart
from pathlib import Path

from ingestion.parsing.cleaning import clean_elements, one_line, sensible_title
from ingestion.parsing.elements import Element, Kind, Parsed, Progress
from ingestion.parsing.encodings import decode, detect_encoding
from ingestion.parsing.markup import decode_markup, html_elements
from ingestion.parsing.options import Options
from ingestion.parsing.text import text_elements

SHOWN_HEADERS = ("Subject", "From", "To", "Cc", "Date")
DEEPEST = 5
BODY_TYPES = ("text/html", "text/plain")
# A line "From …" of a mailbox, or blank ones, before the headers would end them.
BEFORE_HEADERS = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t\r\n]*\r?\n)?(?:>?From [^\r\n]*\r?\n)?")


def read_mail(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """One message, with the messages it carries inside."""
    data = path.read_bytes()
    if (encoding := detect_encoding(data)).startswith(("utf-16", "utf-32")):
        data = data.decode(encoding, errors="replace").removeprefix("\ufeff").encode()
    data = BEFORE_HEADERS.sub(b"", data, count=1)
    message = message_from_bytes(data, policy=policy.default)
    elements = clean_elements(_message_elements(message, depth=1))
    return Parsed(tuple(elements), sensible_title(_header(message, "Subject")))


def _message_elements(message: MIMEPart, depth: int) -> Iterator[Element]:
    subject = _header(message, "Subject")
    if subject:
        yield Element(Kind.TITLE if depth == 1 else Kind.HEADING, subject, level=None if depth == 1 else depth)
    headers = [f"{name}: {value}" for name in SHOWN_HEADERS[1:] if (value := _header(message, name))]
    if headers:
        yield Element(Kind.PARAGRAPH, "\n".join(headers))
    for part in _shown_parts(message):
        yield from _part_elements(part, depth)


def _header(message: MIMEPart, name: str) -> str:
    try:
        value = message.get(name)
    except Exception:  # The standard library fails in many ways on headers nobody should have written.
        value = next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    return one_line(str(value or ""))


def _shown_parts(part: MIMEPart) -> Iterator[MIMEPart]:
    """The parts a reader sees, in order: of alternatives the richest."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        yield from _best_alternative(part)
    elif part.is_multipart() and kind != "message/rfc822":
        for child in part.iter_parts():
            yield from _shown_parts(child)
    else:
        yield part


def _best_alternative(part: MIMEPart) -> Iterator[MIMEPart]:
    children = list(part.iter_parts())
    for wanted in BODY_TYPES:
        for child in reversed(children):
            if any(leaf.get_content_type() == wanted and _payload(leaf).strip() for leaf in _shown_parts(child)):
                yield from _shown_parts(child)
                return
    for child in children:
        yield from _shown_parts(child)


def _part_elements(part: MIMEPart, depth: int) -> Iterator[Element]:
    kind = part.get_content_type()
    if kind == "message/rfc822" and depth < DEEPEST:
        for inner in part.iter_parts():
            yield from _message_elements(inner, depth + 1)
    elif kind in BODY_TYPES and part.get_content_disposition() != "attachment":
        data = _payload(part)
        declared = str(part.get_content_charset("") or "")
        if kind == "text/html":
            yield from html_elements(decode(data, declared) if declared else decode_markup(data))
        else:
            yield from text_elements(decode(data, declared))
    elif filename := _filename(part):
        yield Element(Kind.LIST_ITEM, filename)


def _payload(part: MIMEPart) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # As with headers: a broken part must not cost the rest of the message.
        payload = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return payload if isinstance(payload, bytes) else b""


def _filename(part: MIMEPart) -> str:
    try:
        return one_line(part.get_filename() or "")
    except Exception:  # As with headers.
        return ""
