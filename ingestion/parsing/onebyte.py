"""Which encoding of a small alphabet some bytes are in: a library's guess, corrected by what people really use."""

import re

from ingestion.parsing.frequent import FREQUENT, foreign_characters, share_of_frequent

LATIN = {"cp1250", "cp1252", "cp1254", "iso8859_2"}
OTHER = {
    "cp1251",
    "cp1253",
    "cp1255",
    "cp1256",
    "iso8859_5",
    "iso8859_6",
    "iso8859_7",
    "koi8_r",
    "cp855",
    "cp866",
    "cp874",
}
# Tried in any case: a few words are too few for the library, which then misses the obvious.
ALWAYS_TRIED = ("cp1252", "cp1251", "cp1253", "cp1255", "koi8_r", "cp1250")
SEVERAL_BYTES = {"gb18030", "gbk", "big5", "big5hkscs", "cp932", "shift_jis", "euc_jp", "cp949", "euc_kr"}
ENOUGH = 200
AS_ORDERLY = 0.02
SIGN_IN_WORD = re.compile(r"[^\W\d_][©®±µ¶·¤§°²³¹¼½¾÷×¿¡¬¦«»][^\W\d_]")


def one_byte(sample: bytes) -> str:
    """The encoding that fits best: of those nearly as orderly as the first, the most plausible; "" if none does."""
    # Inside, because most text is Unicode and need not pay for it.
    from charset_normalizer import from_bytes

    matches = list(from_bytes(sample))
    if len(sample) >= ENOUGH and not matches:
        return ""
    if len(sample) >= ENOUGH and matches[0].encoding in SEVERAL_BYTES:
        return matches[0].encoding
    coherence = {match.encoding: match.coherence for match in matches if match.chaos <= matches[0].chaos + AS_ORDERLY}
    for encoding in ALWAYS_TRIED:
        if "\ufffd" not in sample.decode(encoding, errors="replace"):
            coherence.setdefault(encoding, 0.0)
    return max(coherence, key=lambda encoding: coherence[encoding] + _plausibility(sample, encoding), default="")


def _plausibility(sample: bytes, encoding: str) -> float:
    """A little for an encoding that people use, and for its usual letters; less for what no text of it looks like."""
    text = sample.decode(encoding, errors="replace")
    characters = foreign_characters(sample, encoding)
    foreign, letters = characters.total() or 1, sum(map(str.isalpha, text))
    value = share_of_frequent(characters, encoding) / 10 if characters and encoding in FREQUENT else 0.0
    value += 0.08 if encoding in LATIN | OTHER else 0.0
    value += 0.001 if encoding == "cp1252" else 0.0
    value -= 0.1 if encoding in LATIN and foreign > max(letters / 2, 2) else 0.0
    value -= 0.1 if encoding in OTHER and foreign < letters / 4 else 0.0
    return value - 2 * len(SIGN_IN_WORD.findall(text)) / foreign
