"""Messages between parent and parsing child: JSON in frames that begin with their length.

JSON instead of pickle, so that a child under the control of a document can only send false text. A
message that cannot be decoded is refused; a single invalid value is corrected or left out.
"""

import json
import struct
from collections import Counter
from typing import IO, Any

from ingestion.parsing.archives.unpack import MAX_NAMED_OMISSIONS, Member, Unpacked
from ingestion.parsing.formats import ARCHIVES, BY_MEDIA_TYPE
from ingestion.parsing.parsed import PROSE, TYPES, Box, ElementRow, ParsedDocument

LENGTH = struct.Struct(">I")
MAX_COUNT = 2**31 - 1  # The largest integer of the database.
MAX_NAME_CHARACTERS = 1_000
Message = dict[str, Any]
Mended = Counter[str]
"""How many values of each field were corrected or left out."""


def packed(message: Message) -> bytes:
    """`message` as one frame."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    return LENGTH.pack(len(body)) + body


def unpacked(body: bytes | bytearray) -> Message:
    """The message in the body of a frame; raises ValueError if there is none."""
    try:
        message = json.loads(body.decode("utf-8", "surrogatepass"))
    except RecursionError as exc:
        raise ValueError("a message is not nested that deep") from exc
    if not isinstance(message, dict):
        raise ValueError("a message is an object")
    return message


def read_message(stream: IO[bytes]) -> Message | None:
    """The next message, or None if the stream has ended."""
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(length)
    body = stream.read(size)
    return unpacked(body) if len(body) == size else None


def parsed_message(parsed: ParsedDocument) -> Message:
    """A parsed document as a message."""
    about = {"title": parsed.title, "pages": parsed.pages, "repeated": parsed.repeated}
    return {"elements": parsed.elements, **about}


def parsed_from(message: Message, mended: Mended | None = None) -> ParsedDocument:
    """The parsed document in `message`; invalid values are corrected and counted in `mended`.

    Raises ValueError or KeyError if the message has no list of elements.
    """
    inspection = MessageInspection(mended)
    elements = filter(None, map(inspection.element, _rows(message["elements"])))
    title = inspection.text(message.get("title"), "title")
    repeated = filter(
        None, map(inspection.repeated, _rows(message.get("repeated", []))[:MAX_NAMED_OMISSIONS])
    )
    return ParsedDocument(
        tuple(elements), title, inspection.count(message.get("pages"), "pages"), tuple(repeated)
    )


def unpacked_message(unpacked: Unpacked) -> Message:
    """The contents of an archive as a message."""
    members = [[member.name, member.file, member.media_type] for member in unpacked.members]
    return {
        "members": members,
        "left_out": unpacked.left_out,
        "left_out_count": unpacked.left_out_count,
    }


def unpacked_from(message: Message, mended: Mended | None = None) -> Unpacked:
    """The contents of an archive in `message`; an invalid member counts as left out.

    Raises ValueError or KeyError if the message has no list of members.
    """
    inspection = MessageInspection(mended)
    rows = _rows(message["members"])
    members = list(filter(None, map(inspection.member, rows)))
    left_out = list(
        filter(
            None, map(inspection.left_out, _rows(message.get("left_out", []))[:MAX_NAMED_OMISSIONS])
        )
    )
    count = inspection.count(message.get("left_out_count") or None, "left_out_count") or len(
        left_out
    )
    return Unpacked(members, left_out, count + len(rows) - len(members))


class MessageInspection:
    """Checks single values: returns a value that may be stored, and counts the invalid ones."""

    def __init__(self, mended: Mended | None = None) -> None:
        self.mended = Counter() if mended is None else mended

    def element(self, row: object) -> ElementRow | None:
        """The element in `row`, or None if `row` is no element with text."""
        if not isinstance(row, list) or len(row) != 5 or not isinstance(row[1], str):
            self.mended["element"] += 1
            return None
        category, text, page, level, box = row
        return ElementRow(
            self.category(category),
            self.text(text, "text"),
            self.count(page, "page"),
            self.count(level, "level"),
            self.box(box),
        )

    def category(self, value: object) -> str:
        """The type of an element; an unknown type becomes prose."""
        if isinstance(value, str) and value in TYPES:
            return value
        self.mended["type"] += 1
        return PROSE

    def text(self, value: object, field: str) -> str:
        """The text without unstorable NULs and lone surrogates; "" if `value` is no text."""
        if not isinstance(value, str):
            self.mended[field] += 1
            return ""
        text = value.encode(errors="ignore").decode().replace("\x00", "")
        if text != value:
            self.mended[field] += 1
        return text

    def count(self, value: object, field: str) -> int | None:
        """A number from 1, or None if `value` is no number that the database can store."""
        if value is None or (type(value) is int and 0 < value <= MAX_COUNT):
            return value
        self.mended[field] += 1
        return None

    def box(self, value: object) -> Box | None:
        """A place on a page, or None if `value` is no valid box."""
        if value is None:
            return None
        if (
            isinstance(value, list)
            and len(value) == 4
            and all(type(side) in (int, float) for side in value)
        ):
            box = Box(*value)
            if 0 <= box.left <= box.right <= 1 and 0 <= box.top <= box.bottom <= 1:
                return box
        self.mended["box"] += 1
        return None

    def repeated(self, row: object) -> tuple[str, int] | None:
        """An omitted running line and its count, or None if `row` is invalid."""
        match row:
            case [str(text), int(count)] if 0 < count <= MAX_COUNT:
                return self.text(text[:MAX_NAME_CHARACTERS], "repeated"), count
        self.mended["repeated"] += 1
        return None

    def member(self, row: object) -> Member | None:
        """The archive member in `row`, or None if its file name or media type is invalid."""
        match row:
            case [str(name), str(file), str(media_type)] if file.isascii() and file.isdigit():
                if media_type in BY_MEDIA_TYPE and media_type not in ARCHIVES:
                    return Member(self.text(name, "name"), file, media_type)
        self.mended["member"] += 1
        return None

    def left_out(self, row: object) -> tuple[str, str, str] | None:
        """Name, code and reason of a file that was left out, or None if `row` is invalid."""
        match row:
            case [str(name), str(code), str(reason)]:
                cut = (
                    self.text(value[:MAX_NAME_CHARACTERS], "left_out")
                    for value in (name, code, reason)
                )
                return next(cut), next(cut), next(cut)
        self.mended["left_out"] += 1
        return None


def _rows(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise ValueError("not a list of rows")
