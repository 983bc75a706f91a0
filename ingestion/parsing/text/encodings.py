"""From bytes to text without a stated encoding.

Byte-order marks, valid UTF-8, NULs in every other byte and declarations decide first; `chardet`
judges other bytes. Text that is mostly valid UTF-8 is UTF-8: broken bytes become U+FFFD, and lines
in plain Chinese are decoded as GB18030.
"""

import codecs
import re
from contextlib import suppress

SAMPLE_BYTES = 64 * 1024
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ESCAPE_SEQUENCES = ((b"\x1b$", "iso2022_jp_2"), (b"\x1b(", "iso2022_jp_2"), (b"~{", "hz"))
WIDER_ENCODINGS = {
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "tis-620": "cp874",
    "euc_kr": "cp949",
    "euc-jp": "euc_jis_2004",
    "iso-8859-9": "cp1254",
    "ks_c_5601-1987": "cp949",
    "windows-874": "cp874",
    "windows-949": "cp949",
    "windows-950": "big5hkscs",
}
CHINESE_LABEL = re.compile(
    r"(?:x-)?gb.*|(?:x-)?euc-?cn|(?:cp|ms|windows-?)?936|csgb.*|chinese|iso-ir-58"
)
# Prefixes of accepted names. Other codecs of Python do not encode documents: idna, zlib,
# unicode_escape.
KNOWN_PREFIXES = (
    "ansi", "big5", "cp", "cseuc", "cskoi", "cspc", "csshift", "euc", "gb", "hkscs", "hz", "ibm", "iso", "johab", "koi",
    "ks_c", "ksc", "l1", "latin", "mac", "ms", "ptcp", "shift", "sjis", "tis", "us-ascii", "us_ascii", "utf-7",
    "windows", "x-sjis",
)  # fmt: skip
EAST_ASIAN = ("gb18030", "big5hkscs", "cp932", "euc_jis_2004", "cp949")
# Encodings of documents. With few candidates, short texts are detected with certainty; rare
# encodings would prevent this.
LATIN = ("cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "iso8859-2")
CANDIDATES = (
    *EAST_ASIAN, *LATIN, "cp1251", "cp1253", "cp1255", "cp1256", "cp874", "iso8859-5", "iso8859-6", "iso8859-7",
    "koi8-r", "koi8-u", "cp855", "cp866", "mac-cyrillic",
)  # fmt: skip
RARE_LATIN = ("cp850", "cp852", "mac-roman")
MIN_RARE_LATIN_BYTES = 4  # High bytes, below which RARE_LATIN is not considered.
MIN_CONFIDENCE_RATIO = 0.9  # Relative to the best guess; such guesses count as equally likely.
ADJACENT_HIGH_BYTES = re.compile(rb"[\x80-\xff]{2}")
SMALL_LETTER = re.compile(rb"[a-z]")
HIGH_BYTES = re.compile(rb"[\x80-\xff]")
KANA = re.compile("[\u3041-\u30fe]")
TWO_BYTES = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
# Signs, full-width letters and the level-1 characters of GB 2312.
COMMON_CHINESE = re.compile(rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]")
BROKEN = re.compile("[\udc80-\udcff]")  # Bytes of no UTF-8, as `surrogateescape` decodes them.
MIN_VALID_PER_BROKEN = 4  # Valid characters, or lines, per broken one.


def decode(data: bytes, declared: str = "") -> str:
    """`data` as text; bytes that cannot be decoded become U+FFFD."""
    encoding = detect_encoding(data, declared)
    with suppress(UnicodeDecodeError):
        return data.decode(encoding)
    if not encoding.startswith("utf-8"):
        return data.decode(encoding, errors="replace")
    return "\n".join(map(_mended, data.decode(encoding, errors="surrogateescape").split("\n")))


def _mended(line: str) -> str:
    if not BROKEN.search(line):
        return line
    data = line.encode("utf-8", errors="surrogateescape")
    return data.decode("gb18030" if is_plain_chinese(data) else "utf-8", errors="replace")


def is_plain_chinese(data: bytes) -> bool:
    """Whether `data` is GB18030 with almost only common characters, two at least."""
    pairs = TWO_BYTES.findall(data)
    common = sum(map(bool, map(COMMON_CHINESE.match, pairs)))
    return common >= max(2, 0.9 * len(pairs)) and bool(_if_decodes(data, "gb18030"))


def detect_encoding(data: bytes, declared: str = "") -> str:
    """The name of the codec for `data`; `declared` is the encoding that the document states."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    if found := _wide(data[:SAMPLE_BYTES]) or _escaped(data):
        return found
    with suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return "utf-8"
    first = HIGH_BYTES.search(data)
    start = data.rfind(b"\n", 0, first.start()) + 1 if first else 0
    sample = data[start : start + SAMPLE_BYTES]
    return _nearly_utf8(sample, declared) or _declared(data, declared) or _legacy(sample)


def _wide(sample: bytes) -> str:
    """UTF-16 or UTF-32 without a byte-order mark, detected by the places of NULs."""
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
        # Not final, because the sample may end inside a character.
        codecs.getincrementaldecoder(encoding)().decode(data)
    except (UnicodeError, LookupError):
        return ""
    return encoding


def _nearly_utf8(sample: bytes, declared: str) -> str:
    """UTF-8 if so much is valid that broken bytes must be damage or foreign lines."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    # A full sample may end inside a character.
    text = decoder.decode(sample, len(sample) < SAMPLE_BYTES)
    share = 1 if declared.strip("\"' ").lower() in ("utf-8", "utf8") else MIN_VALID_PER_BROKEN
    broken = len(BROKEN.findall(text))
    if sum(character > "\x7f" for character in text) - broken >= share * broken:
        return "utf-8"
    lines = [line for line in text.split("\n") if not line.isascii()]
    odd = [line.encode("utf-8", "surrogateescape") for line in lines if BROKEN.search(line)]
    valid, chinese = len(lines) - len(odd), sum(map(is_plain_chinese, odd))
    return "utf-8" if valid >= share * (len(odd) - chinese) and valid >= chinese else ""


def _escaped(data: bytes) -> str:
    if HIGH_BYTES.search(data):
        return ""
    for sign, encoding in ESCAPE_SEQUENCES:
        if sign in data[:SAMPLE_BYTES] and _if_decodes(data, encoding):
            return encoding
    return ""


def _declared(data: bytes, declared: str) -> str:
    name = declared.strip().strip("\"'").lower()
    name = "gb18030" if CHINESE_LABEL.fullmatch(name) else WIDER_ENCODINGS.get(name, name)
    if not name.startswith(KNOWN_PREFIXES) or name.startswith(
        ("utf-8", "utf8", "utf-16", "utf-32")
    ):
        return ""  # Unicode would have been detected before.
    with suppress(UnicodeError, LookupError):
        text = data.decode(name, errors="replace")
        if text.count("\ufffd") * 10 <= sum(character > "\x7f" for character in text):
            return name
    return ""


def _legacy(sample: bytes) -> str:
    """The best guess for bytes that are not Unicode."""
    from chardet import detect_all  # Imported only for text that is not Unicode.

    # Only lines with high bytes count, so that a long English preamble does not outweigh one
    # Chinese sentence.
    telling = b"\n".join(line for line in sample.splitlines() if HIGH_BYTES.search(line)) or sample
    if japanese := _mostly_kana(telling):
        return japanese
    # Only Latin encodings, if high bytes are single among more lower-case ASCII letters.
    high = len(HIGH_BYTES.findall(telling))
    is_latin = not ADJACENT_HIGH_BYTES.search(telling) and len(SMALL_LETTER.findall(telling)) > high
    guesses = detect_all(
        telling,
        ignore_threshold=True,
        include_encodings=(LATIN if is_latin else CANDIDATES)
        + (RARE_LATIN if high >= MIN_RARE_LATIN_BYTES else ()),
        compat_names=False,
        empty_input_encoding="cp1252",
    )
    found = next((guess["encoding"] for guess in guesses if guess["encoding"]), "cp1252")
    close = {
        guess["encoding"]
        for guess in guesses
        if guess["confidence"] >= MIN_CONFIDENCE_RATIO * guesses[0]["confidence"]
    }
    if found in ("cp1252", "cp1256") and is_plain_chinese(telling):
        return "gb18030"
    # If a few letters fit several encodings, the most common one is chosen.
    return "cp1252" if found in LATIN and "cp1252" in close else WIDER_ENCODINGS.get(found, found)


def _mostly_kana(data: bytes) -> str:
    """The Japanese encoding in which half of `data` is kana; `chardet` misses pure katakana."""
    for encoding in ("cp932", "euc_jp"):
        with suppress(UnicodeDecodeError):
            text = codecs.getincrementaldecoder(encoding)().decode(data)
            kana = len(KANA.findall(text))
            if kana > 2 and 2 * kana >= sum(character > "\x7f" for character in text):
                return encoding
    return ""
