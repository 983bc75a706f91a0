"""Outlook messages (MSG), read with python-oxmsg into the same elements as by `eml`."""

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

from oxmsg import Message
from oxmsg.domain.encodings import encoding_from_codepage
from oxmsg.domain.model import (
    MSG_HDR_OFFSET,
    RECIP_HDR_OFFSET,
    UnrecognizedCodePageError,
    UnsupportedEncodingError,
)
from oxmsg.storage import Storage, Stream

from ingestion.errors.exceptions import CORRUPT, UnreadableDocument
from ingestion.parsing.elements import Element, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.mail.attachments import attachment_elements
from ingestion.parsing.markup.reader import decode_markup, html_elements
from ingestion.parsing.options import Options
from ingestion.parsing.plaintext.reader import text_elements
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import one_line
from ingestion.parsing.text.cleaning import clean_elements, sensible_title
from ingestion.parsing.text.encodings import decode, detect_encoding

HTML_BYTES = 0x1013
RECIPIENT_TYPE = 0x0C15
KINDS_OF_RECIPIENTS = {1: "To", 2: "Cc", 3: "Bcc"}
MESSAGE_CODE_PAGE, INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE
PROPERTIES_STREAM = "__properties_version1.0"
PROPERTY = struct.Struct("<HH12s")  # Type, id, flags and value.
UNICODE_TYPE, STRING_8_TYPE = 0x001F, 0x001E
STRING_8_STREAM = re.compile(r"__substg1\.0_([0-9A-F]{4})001E")
BODY = "1000"


class UnicodeMessage(Message):
    """A message whose 8-bit strings become UTF-16 before python-oxmsg reads them.

    The library decodes them strictly, fails at code pages without a codec, and reads those of
    recipients and attachments as Latin 9. By MS-OXMSG all are in the code page of the message; its
    body is in the internet code page.
    """

    def __init__(self, storage: Storage) -> None:
        properties = _properties(storage.properties_stream_bytes[MSG_HDR_OFFSET:])
        pages = {pid: int.from_bytes(rest[4:8], "little") for _type, pid, rest in properties}
        strings = _encoding(pages.get(MESSAGE_CODE_PAGE))
        self.body_encoding = _encoding(pages.get(INTERNET_CODE_PAGE)) or strings
        if not strings:  # Detected from all strings together, since one is too short.
            streams = [stream for part in (storage, *storage.storages) for stream in part.streams]
            found = [stream.bytes_ for stream in streams if STRING_8_STREAM.fullmatch(stream.name)]
            strings = detect_encoding(b"\n".join(found))
        encodings = strings, self.body_encoding or strings
        parts = tuple(_in_unicode(part, RECIP_HDR_OFFSET, *encodings) for part in storage.storages)
        super().__init__(replace(_in_unicode(storage, MSG_HDR_OFFSET, *encodings), storages=parts))


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The properties in `data`, an incomplete one at its end left out."""
    return PROPERTY.iter_unpack(data[: len(data) // PROPERTY.size * PROPERTY.size])


def _encoding(code_page: int | None) -> str:
    """The name of the encoding; "" without a code page or without a codec for this page."""
    with suppress(UnrecognizedCodePageError, UnsupportedEncodingError):
        return encoding_from_codepage(code_page) if code_page else ""
    return ""


def _in_unicode(storage: Storage, header_bytes: int, strings: str, body: str) -> Storage:
    """`storage` with its 8-bit strings as UTF-16, and without their code pages."""
    decoded, others = [], []
    for stream in storage.streams:
        if match := STRING_8_STREAM.fullmatch(stream.name):
            text = decode(stream.bytes_, body if match[1] == BODY else strings)
            decoded.append(
                Stream(
                    f"{stream.path[:-4]}{UNICODE_TYPE:04X}",
                    text.encode("utf-16-le", errors="replace"),
                )
            )
        elif stream.name == PROPERTIES_STREAM:
            kept = [
                PROPERTY.pack(UNICODE_TYPE if kind == STRING_8_TYPE else kind, pid, rest)
                for kind, pid, rest in _properties(stream.bytes_[header_bytes:])
                if pid not in (MESSAGE_CODE_PAGE, INTERNET_CODE_PAGE)
            ]
            others.append(replace(stream, bytes_=stream.bytes_[:header_bytes] + b"".join(kept)))
        else:
            others.append(stream)
    # Of two streams with one name, the library takes the last.
    return replace(storage, streams=(*decoded, *others))


def read_msg(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a message, a task or another Outlook item."""
    try:
        message = cast(UnicodeMessage, UnicodeMessage.load(str(path)))
        subject = one_line(message.subject or "")
    except Exception as exc:  # Any exception of a parser means a broken document.
        raise UnreadableDocument(CORRUPT) from exc
    elements = clean_elements(_message(message, subject, options))
    return Parsed(tuple(elements), sensible_title(subject))


def _message(message: UnicodeMessage, subject: str, options: Options) -> Iterator[Element]:
    if subject:
        yield make_element(Title, subject)
    if headers := _headers(message):
        yield make_element(NarrativeText, "\n".join(headers))
    body: list[Element] = []
    if page := message.properties.binary_prop_value(HTML_BYTES):
        encoding = message.body_encoding
        body = html_elements(decode(page, encoding) if encoding else decode_markup(page))
    yield from body or text_elements(message.body or "")
    for attachment in message.attachments:
        name = attachment.file_name or ""
        data = attachment.file_bytes if attachment.attached_by_value else None
        yield from attachment_elements(name, data or b"", 1, options)


def _headers(message: UnicodeMessage) -> list[str]:
    lines = [f"From: {one_line(message.sender)}"] if message.sender else []
    for kind, label in KINDS_OF_RECIPIENTS.items():
        named = (
            each
            for each in message.recipients
            if (each.properties.int_prop_value(RECIPIENT_TYPE) or 1) == kind
        )
        people = []
        for each in named:
            name, address = one_line(each.name or ""), one_line(each.email_address or "")
            people.append(
                f"{name} <{address}>" if name and address and name != address else name or address
            )
        if any(people):
            lines.append(f"{label}: {', '.join(filter(None, people))}")
    sent = message.sent_date
    return [*lines, f"Date: {sent:%a, %d %b %Y %H:%M:%S %z}"] if sent else lines
