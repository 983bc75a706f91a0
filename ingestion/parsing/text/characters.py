"""Storable, searchable text: no control characters, composed Unicode, normal white space.

This module handles strings, and `cleaning` elements.
"""

import re
import unicodedata

# Controls except tab and newline, lone surrogates, non-characters, byte-order marks, soft hyphens,
# zero-width spaces.
UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
BLANKS = re.compile(
    "[\t\u00a0\u2000-\u200a\u202f\u205f][ \t\u00a0\u2000-\u200a\u202f\u205f]*| [ \t\u00a0\u2000-\u200a\u202f\u205f]+"
)
MANY_NEWLINES = re.compile(r"\n{3,}")
SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
# Ligatures and radicals, which people search for by letters and characters.
COMPATIBLE = re.compile("[\ufb00-\ufb06\u2f00-\u2fd5]")


def clean_text(text: str) -> str:
    """`text` in NFC, without unstorable characters, each run of blanks as one space."""
    text = clean_verbatim(text)
    text = BLANKS.sub(" ", text).replace(" \n", "\n").replace("\n ", "\n")
    return MANY_NEWLINES.sub("\n\n", text).strip()


def clean_verbatim(text: str) -> str:
    """`text` cleaned as by `clean_text()`, but with its white space, for code."""
    if not text.isascii():
        text = SURROGATE_PAIR.sub(
            lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text
        )
        text = COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
        text = unicodedata.normalize("NFC", text)
    return UNWANTED.sub("", LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """`text` with every run of white space as one space."""
    return " ".join(clean_verbatim(text).split())
