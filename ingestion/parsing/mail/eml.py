"""Messages (EML), mailboxes (MBOX) and saved pages (MHTML): headers, body, attachments.

The standard library reads headers and parts, because it survives wrong encodings; `markup` reads
HTML bodies, `msg` messages of Outlook, `attachments` attachments.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from pathlib import Path
from typing import Any

from ingestion.parsing.elements import Element, ListItem, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.mail.attachments import attachment_elements
from ingestion.parsing.mail.flowed_text import unflowed
from ingestion.parsing.mail.headers import headers_of
from ingestion.parsing.markup.reader import decode_markup, html_elements
from ingestion.parsing.options import Options
from ingestion.parsing.plaintext.reader import text_elements
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import one_line
from ingestion.parsing.text.cleaning import clean_elements, sensible_title
from ingestion.parsing.text.encodings import decode, detect_encoding

SHOWN_HEADERS = ("From", "To", "Cc", "Bcc", "Date")
MAX_MESSAGE_DEPTH = 5
BODY_TYPES = ("text/html", "text/plain")
# A mailbox line "From …" or blank lines would end the headers before they begin.
BEFORE_HEADERS = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t\r\n]*\r?\n)?(?:>?From [^\r\n]*\r?\n)?")
FROM_LINE = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From \S(?>[^\r\n]*?\d\d:\d\d)[^\r\n]*+\r?\n(?=[A-Za-z][A-Za-z0-9-]*:|>?From )"
)
QUOTED_FROM = re.compile(rb"^>(>*From )", re.M)


def read_mail(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read one message with its attachments."""
    message = _message(path.read_bytes())
    elements = clean_elements(_MessageReader(options).message(message, depth=1))
    return Parsed(tuple(elements), sensible_title(_header(message, "Subject")))


def read_mailbox(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read the messages of a mailbox, each as a section."""
    data = path.read_bytes()
    starts = [match.start() for match in FROM_LINE.finditer(data)] or [0]
    reader = _MessageReader(options)
    elements: list[Element] = []
    for number, (start, end) in enumerate(
        zip(starts, [*starts[1:], len(data)], strict=True), start=1
    ):
        message = _message(QUOTED_FROM.sub(rb"\1", data[start:end]))
        elements += clean_elements(reader.message(message, depth=2))
        progress(number / len(starts))
    return Parsed(tuple(elements))


def read_saved_page(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a web page that a browser saved as one file, without pictures and styles."""
    message = _message(path.read_bytes())
    pages = (part for part in _shown_parts(message) if part.get_content_type() == "text/html")
    elements = html_elements(_text(next(pages, message)))
    return Parsed(tuple(elements), sensible_title(_header(message, "Subject")))


def _message(data: bytes) -> EmailMessage:
    if (encoding := detect_encoding(data[:4096])).startswith(("utf-16", "utf-32")):
        data = data.decode(encoding, errors="replace").removeprefix("\ufeff").encode()
    headers: Any = headers_of(data)  # Messages are of the same kind with it as with its base class.
    message: EmailMessage = message_from_bytes(
        BEFORE_HEADERS.sub(b"", data, count=1), policy=headers
    )
    return message


class _MessageReader:
    """Reads a message and the messages inside it."""

    def __init__(self, options: Options) -> None:
        self._options = options

    def message(self, message: MIMEPart, depth: int) -> Iterator[Element]:
        """Read one message; its subject is the title at depth 1 and a heading below."""
        headers = [
            f"{name}: {value}" for name in SHOWN_HEADERS if (value := _header(message, name))
        ]
        subject = _header(message, "Subject") or (headers[0] if depth > 1 and headers else "")
        if subject:
            level = None if depth == 1 else depth - 1
            yield make_element(Title, subject, level=level)
        if headers:
            yield make_element(NarrativeText, "\n".join(headers))
        parts = list(_shown_parts(message))
        for part in parts:
            if not _is_attached(part):
                yield from self._body(part, depth)
        for part in parts:
            if _is_attached(part):
                yield from attachment_elements(
                    _filename(part), _payload(part), depth, self._options
                )

    def _body(self, part: MIMEPart, depth: int) -> Iterator[Element]:
        kind = part.get_content_type()
        if kind == "message/rfc822" and depth < MAX_MESSAGE_DEPTH:
            for inner in part.iter_parts():
                yield from self.message(inner, depth + 1)
        elif kind == "text/html":
            yield from html_elements(_text(part))
        elif kind == "text/plain":
            text = _text(part)
            if _parameter(part, "format") == "flowed":
                text = unflowed(text, delete_spaces=_parameter(part, "delsp") == "yes")
            yield from text_elements(text)
        elif filename := _filename(part):
            yield make_element(ListItem, filename)


def _header(message: MIMEPart, name: str) -> str:
    try:
        value = message.get(name)
    except Exception:  # The standard library fails in many ways on malformed headers.
        value = next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    return one_line(str(value or ""))


def _shown_parts(part: MIMEPart) -> Iterator[MIMEPart]:
    """The parts that a mail program shows, in order; of alternatives the richest."""
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
            if any(
                leaf.get_content_type() == wanted and _payload(leaf).strip()
                for leaf in _shown_parts(child)
            ):
                yield from _shown_parts(child)
                return
    for child in children:
        yield from _shown_parts(child)


def _is_attached(part: MIMEPart) -> bool:
    """Whether a part is an attached document; pictures in the text are not."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        return False
    if part.get_content_disposition() == "attachment":
        return True
    return kind not in BODY_TYPES and not kind.startswith("image/") and bool(_filename(part))


def _text(part: MIMEPart) -> str:
    data = _payload(part)
    declared = str(part.get_content_charset("") or "")
    return decode(data, declared) if declared else decode_markup(data)


def _parameter(part: MIMEPart, name: str) -> str:
    try:
        return str(part.get_param(name) or "").lower()
    except Exception:  # As with headers.
        return ""


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
