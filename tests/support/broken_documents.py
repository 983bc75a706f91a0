"""Documents broken at random: edits of bytes, and the outcome of reading them."""

from pathlib import Path

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import detect_media_type, parse
from ingestion.parsing.archives.unpack import unpack
from ingestion.parsing.formats import ARCHIVES
from ingestion.parsing.options import Options

# Errors of libraries for broken bytes are refusals; these would be bugs in a reader.
OUR_MISTAKES = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    RecursionError,
    TypeError,
    UnboundLocalError,
)


def edited(data: bytes, edits: list[tuple[float, int, bytes, int]]) -> bytes:
    """Return the bytes after edits: position as a share, deleted length, new bytes, repetitions."""
    for share, length, token, times in edits:
        at = int(share * len(data))
        data = data[:at] + token * times + data[at + length :]
    return data


def refused_because(path: Path, name: str, options: Options) -> BaseException | None:
    """Read the document and check that its text can be stored; return the cause of a refusal."""
    try:
        media_type = detect_media_type(path, name)
        if media_type in ARCHIVES:
            folder = path.parent / "out"
            folder.mkdir(exist_ok=True)
            unpack(
                path,
                media_type,
                name=name,
                folder=folder,
                options=options,
                progress=lambda _share: None,
            )
            return None
        parsed = parse(path, media_type, name=name, options=options)
    except UnreadableDocument as exc:
        return exc.__cause__
    text = "\n".join(element.text for element in parsed.elements) + parsed.title
    assert "\x00" not in text
    assert text.encode()
    return None
