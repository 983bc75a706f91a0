"""Names of the members of a ZIP archive, whose encoding is marked only if it is UTF-8."""

import re
import zipfile

from ingestion.parsing.text.encodings import EAST_ASIAN, LATIN, detect_encoding

UTF_8_FLAG = 0x800
UNICODE_PATH_FIELD = b"up"
HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
HIGH_BYTES_BESIDE_LETTERS = re.compile(
    rb"[A-Za-z][\x80-\xff]+|(?<![\x80-\xff])[\x80-\xff]+[A-Za-z]"
)


def names_in(entries: list[zipfile.ZipInfo]) -> list[str]:
    """The names of `entries`, in order; unmarked names are decoded together."""
    unmarked = [_raw(entry) for entry in entries if not entry.flag_bits & UTF_8_FLAG]
    foreign = b"\n".join(raw for raw in unmarked if not raw.isascii())
    encoding = _encoding(foreign) if foreign else ""
    names = []
    for entry in entries:
        raw = _raw(entry)
        if entry.flag_bits & UTF_8_FLAG:
            names.append(entry.filename)
        elif marked := _unicode_path(entry.extra):
            names.append(marked)
        else:
            names.append(
                entry.filename
                if raw.isascii() or not encoding
                else raw.decode(encoding, errors="replace")
            )
    return names


def _raw(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode("cp437", errors="replace")


def _encoding(raw: bytes) -> str:
    """The encoding of all names: a DOS code page if they are in Latin or Cyrillic letters."""
    found = detect_encoding(raw)
    if found in ("utf-8", *EAST_ASIAN):
        return found
    if 2 * len(HIGH_BYTES_BESIDE_LETTERS.findall(raw)) >= len(HIGH_BYTES.findall(raw)):
        return "cp437"
    for encoding in ("cp866", "cp1251"):
        letters = [
            character for character in raw.decode(encoding, errors="replace") if character > "\x7f"
        ]
        if all("\u0400" <= letter <= "\u045f" or letter == "№" for letter in letters):
            return encoding
    return "cp437" if found in LATIN else found


def _unicode_path(extra: bytes) -> str:
    """The UTF-8 name in the extra field 0x7075, or "" if there is none."""
    while len(extra) >= 4:
        size = int.from_bytes(extra[2:4], "little")
        if extra[:2] == UNICODE_PATH_FIELD and size > 5:
            return extra[9 : 4 + size].decode(errors="replace")
        extra = extra[4 + size :]
    return ""
