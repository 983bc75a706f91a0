"""What parent and parsing child say to each other: JSON in frames that begin with their length.

JSON and not pickle, because a child that a document has taken over must be able to lie about text and nothing more.
"""

import json
import struct
from typing import IO, Any

from ingestion.parsing.archives import Member, Unpacked
from ingestion.parsing.elements import Box, Element, Kind, Parsed
from ingestion.parsing.formats import ARCHIVES, BY_MEDIA_TYPE

LENGTH = struct.Struct(">I")
Message = dict[str, Any]


def packed(message: Message) -> bytes:
    """`message` as one frame."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape")
    return LENGTH.pack(len(body)) + body


def unpacked(body: bytes | bytearray) -> Message:
    """The message in the body of a frame.

    Raises ValueError if it is none.
    """
    message = json.loads(body.decode("utf-8", "surrogateescape"))
    if not isinstance(message, dict):
        raise ValueError("a message is an object")
    return message


def read_message(stream: IO[bytes]) -> Message | None:
    """The next message, or None when the other side has hung up."""
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(length)
    body = stream.read(size)
    return unpacked(body) if len(body) == size else None


def parsed_message(parsed: Parsed) -> Message:
    """A parsed document as a message."""
    rows = [[item.kind.value, item.text, item.page, item.level, item.box] for item in parsed.elements]
    return {"elements": rows, "title": parsed.title, "pages": parsed.pages}


def parsed_from(message: Message) -> Parsed:
    """The parsed document in `message`, every value looked at.

    Raises ValueError or KeyError if anything is not what it should be.
    """
    elements = tuple(_element(*row) for row in message["elements"])
    return Parsed(elements, _text(message["title"]), _count(message["pages"]))


def unpacked_message(unpacked: Unpacked) -> Message:
    """What came out of an archive as a message."""
    members = [[member.name, member.file, member.media_type] for member in unpacked.members]
    return {"members": members, "left_out": unpacked.left_out, "left_out_count": unpacked.left_out_count}


def unpacked_from(message: Message) -> Unpacked:
    """What came out of an archive, as `message` says, every value looked at.

    Raises ValueError, TypeError or KeyError if anything is not what it should be.
    """
    members = [Member(_text(name), _file(file), _known(media_type)) for name, file, media_type in message["members"]]
    left_out = [(_text(name), _text(code), _text(reason)) for name, code, reason in message["left_out"]]
    return Unpacked(members, left_out, _count(message["left_out_count"] or None) or 0)


def _file(value: object) -> str:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return value
    raise ValueError("not a file of ours")


def _known(value: object) -> str:
    if isinstance(value, str) and value in BY_MEDIA_TYPE and value not in ARCHIVES:
        return value
    raise ValueError("not a kind of document")


def _element(kind: str, text: object, page: object, level: object, box: object) -> Element:
    return Element(Kind(kind), _text(text), _count(page), _count(level), _box(box))


def _box(value: object) -> Box | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 4 and all(type(side) in (int, float) for side in value):
        box = Box(*value)
        if 0 <= box.left <= box.right <= 1 and 0 <= box.top <= box.bottom <= 1:
            return box
    raise ValueError("not a place on a page")


def _text(value: object) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text that can be stored")
    return value


def _count(value: object) -> int | None:
    if value is None or (type(value) is int and 0 < value < 2**31):
        return value
    raise ValueError("not a count")
