"""What the members of a ZIP are called: the format says UTF-8 or nothing at all, and programs write what they like."""

import re
import zipfile

from ingestion.parsing.text.encodings import EAST_ASIAN, LATIN, detect_encoding

UTF_8 = 0x800
UNICODE_PATH = b"up"
FOREIGN = re.compile(rb"[\x80-\xff]+")
BESIDE_ASCII = re.compile(rb"[A-Za-z][\x80-\xff]+|(?<![\x80-\xff])[\x80-\xff]+[A-Za-z]")


def names_in(entries: list[zipfile.ZipInfo]) -> list[str]:
    """The names of `entries`, in order; those in old encodings are judged together, since one alone is too short."""
    unmarked = [_raw(entry) for entry in entries if not entry.flag_bits & UTF_8]
    foreign = b"\n".join(raw for raw in unmarked if not raw.isascii())
    encoding = _encoding(foreign) if foreign else ""
    return [_name(entry, encoding) for entry in entries]


def _raw(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode("cp437", errors="replace")


def _name(entry: zipfile.ZipInfo, encoding: str) -> str:
    if entry.flag_bits & UTF_8:
        return entry.filename
    if marked := _unicode_path(entry.extra):
        return marked
    raw = _raw(entry)
    return entry.filename if raw.isascii() or not encoding else raw.decode(encoding, errors="replace")


def _encoding(raw: bytes) -> str:
    """The encoding of all names; those of old DOS where they are in Latin or Cyrillic letters."""
    found = detect_encoding(raw)
    if found in ("utf-8", *EAST_ASIAN):
        return found
    if 2 * len(BESIDE_ASCII.findall(raw)) >= len(FOREIGN.findall(raw)):
        return "cp437"
    for encoding in ("cp866", "cp1251"):
        letters = [character for character in raw.decode(encoding, errors="replace") if character > "\x7f"]
        if all("\u0400" <= letter <= "\u045f" or letter == "№" for letter in letters):
            return encoding
    return "cp437" if found in LATIN else found


def _unicode_path(extra: bytes) -> str:
    """The name in UTF-8 that some programs add beside the old one."""
    while len(extra) >= 4:
        size = int.from_bytes(extra[2:4], "little")
        if extra[:2] == UNICODE_PATH and size > 5:
            return extra[9 : 4 + size].decode(errors="replace")
        extra = extra[4 + size :]
    return ""
