"""Messages as Outlook saves them (MSG), read with python-oxmsg: the same as `mail` makes of a message."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.exceptions import CORRUPT, UnreadableDocument
from ingestion.parsing.attachments import attachment_elements
from ingestion.parsing.characters import one_line
from ingestion.parsing.cleaning import clean_elements, sensible_title
from ingestion.parsing.elements import Element, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.encodings import decode
from ingestion.parsing.markup import html_elements
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text import text_elements

HTML_BYTES = 0x1013
RECIPIENT_TYPE = 0x0C15
KINDS_OF_RECIPIENTS = {1: "To", 2: "Cc", 3: "Bcc"}


def read_msg(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A message, a task, a post: whatever Outlook has put into a file."""
    from oxmsg import Message

    try:
        message = Message.load(str(path))
        subject = one_line(message.subject or "")
    except Exception as exc:  # A parser of bytes from outside; whatever it stumbles over is the document's fault.
        raise UnreadableDocument(CORRUPT) from exc
    elements = clean_elements(_message(message, subject, options))
    return Parsed(tuple(elements), sensible_title(subject))


def _message(message: Any, subject: str, options: Options) -> Iterator[Element]:
    if subject:
        yield make_element(Title, subject)
    if headers := _headers(message):
        yield make_element(NarrativeText, "\n".join(headers))
    yield from _body(message)
    for attachment in message.attachments:
        name = attachment.file_name or ""
        data = attachment.file_bytes if attachment.attached_by_value else None
        yield from attachment_elements(name, data or b"", 1, options)


def _headers(message: Any) -> list[str]:
    lines = [f"From: {one_line(message.sender)}"] if message.sender else []
    for kind, label in KINDS_OF_RECIPIENTS.items():
        people = [_person(person) for person in message.recipients if _kind(person) == kind]
        if any(people):
            lines.append(f"{label}: {', '.join(filter(None, people))}")
    sent = message.sent_date
    return [*lines, f"Date: {sent:%a, %d %b %Y %H:%M:%S %z}"] if sent else lines


def _kind(person: Any) -> int:
    return int(person.properties.int_prop_value(RECIPIENT_TYPE) or 1)


def _person(person: Any) -> str:
    name, address = one_line(person.name or ""), one_line(person.email_address or "")
    return f"{name} <{address}>" if name and address and name != address else name or address


def _body(message: Any) -> Iterator[Element]:
    page = message.properties.binary_prop_value(HTML_BYTES)
    if page:
        found = html_elements(decode(page, message.properties.body_encoding or ""))
        if found:
            yield from found
            return
    yield from text_elements(message.body or "")
