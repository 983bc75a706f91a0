"""From bytes to text when nobody says which encoding it is.

Certain signs decide first (marks, valid UTF-8, NULs in every other byte, a declaration); legacy bytes are tried in each
plausible encoding and the one whose text looks most like a language wins. Short Chinese files are the hard case.
"""

import codecs
import re
from contextlib import suppress

from ingestion.parsing.eastasian import POSSIBLE, east_asian
from ingestion.parsing.onebyte import one_byte

SAMPLE = 64 * 1024
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ESCAPED = ((b"\x1b$", "iso2022_jp_2"), (b"\x1b(", "iso2022_jp_2"), (b"~{", "hz"))
WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "tis-620": "cp874",
    "iso-8859-9": "cp1254",
}
# Names that begin so; Python knows others, which are no encodings of documents: idna, zlib, unicode_escape.
KNOWN = (
    "ansi", "big5", "cp", "cseuc", "cskoi", "cspc", "csshift", "euc", "gb", "hkscs", "hz", "ibm", "iso", "johab", "koi",
    "ks_c", "ksc", "l1", "latin", "mac", "ms", "ptcp", "shift", "sjis", "tis", "us-ascii", "us_ascii", "utf-7",
    "windows", "x-sjis",
)  # fmt: skip
HIGH_BYTES = re.compile(rb"[\x80-\xff]")


def decode(data: bytes, declared: str = "") -> str:
    """`data` as text; never fails, unreadable bytes become U+FFFD."""
    encoding = detect_encoding(data, declared)
    return data.decode(encoding, errors="replace")


def detect_encoding(data: bytes, declared: str = "") -> str:
    """The name of the codec for `data`; `declared` is what the document says of itself."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:SAMPLE]
    return _wide(sample) or _escaped(data) or _utf8(data) or _declared(data, declared) or _legacy(sample)


def _wide(sample: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, told by where its NULs stand."""
    size = len(sample) // 4
    if size == 0:
        return ""
    nuls = [sample[offset::4].count(0) / size for offset in range(4)]
    if nuls[2] > 0.9 and nuls[3] > 0.9:
        return "utf-32-le"
    if nuls[0] > 0.9 and nuls[1] > 0.9:
        return "utf-32-be"
    odd, even = (nuls[1] + nuls[3]) / 2, (nuls[0] + nuls[2]) / 2
    if max(odd, even) < 0.05 or min(odd, even) > max(odd, even) / 8:
        return ""
    return _if_decodes(sample[: len(sample) // 2 * 2], "utf-16-le" if odd > even else "utf-16-be")


def _if_decodes(data: bytes, encoding: str) -> str:
    try:
        codecs.getincrementaldecoder(encoding)().decode(data)  # Not final: the sample may end inside a character.
    except (UnicodeError, LookupError):
        return ""
    return encoding


def _utf8(data: bytes) -> str:
    """UTF-8 where it is valid, or so nearly valid that a few broken bytes must be damage."""
    with suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return "utf-8"
    text = data[:SAMPLE].decode("utf-8", errors="replace")
    broken, whole = text.count("\ufffd"), sum(map(str.isalpha, re.sub(r"[\x00-\x7f\ufffd]", "", text)))
    return "utf-8" if whole > 20 * broken else ""


def _escaped(data: bytes) -> str:
    if HIGH_BYTES.search(data):
        return ""
    for sign, encoding in ESCAPED:
        if sign in data[:SAMPLE] and _if_decodes(data, encoding):
            return encoding
    return ""


def _declared(data: bytes, declared: str) -> str:
    name = declared.strip().strip("\"'").lower()
    name = WIDER.get(name, name)
    if not name or name.startswith(("utf-8", "utf8", "utf-16", "utf-32")):
        return ""  # It is neither, or the signs above would have said so.
    return _if_decodes(data, name) if name.startswith(KNOWN) else ""


def _legacy(sample: bytes) -> str:
    """The best guess for bytes that are not Unicode."""
    # Only the lines with something to judge by: a long English preamble must not drown one Chinese sentence.
    telling = b"\n".join(line for line in sample.splitlines() if HIGH_BYTES.search(line)) or sample
    found = east_asian(telling) or one_byte(telling) or east_asian(telling, at_least=POSSIBLE) or "cp1252"
    return WIDER.get(found, found)
