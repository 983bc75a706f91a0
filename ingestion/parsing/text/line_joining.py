"""Joins the lines of a paragraph: hyphens closed, no spaces between Chinese characters."""

import re
from collections.abc import Iterable

HYPHENATED = re.compile(r"[^\W\d_]{2}[-\u2010]")
STARTS_LOWER = re.compile(r"[a-zß-öø-ÿ]")
# Scripts written without spaces between words, and their punctuation; Hangul is not among them.
UNSPACED_CHARACTER = re.compile(
    "[\\u2e80-\\u2fdf\\u3000-\\u30ff\\u3100-\\u312f\\u31a0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff"
    "\\uf900-\\ufaff\\ufe30-\\ufe4f\\uff00-\\uffef\\U00020000-\\U0003ffff]"
)


def joined_lines(lines: Iterable[str]) -> str:
    """One line of text from `lines`."""
    text = ""
    for line in lines:
        text = joined(text, line.strip())
    return text


def joined(text: str, line: str) -> str:
    """`text` with the next `line` of the same paragraph appended."""
    if not text or not line:
        return text or line
    end = text[-3:]  # A few characters suffice, and the text may be long.
    if HYPHENATED.fullmatch(end) and STARTS_LOWER.match(line):
        return text[:-1] + line
    if end.endswith("\u00ad"):
        return text[:-1] + line
    if UNSPACED_CHARACTER.match(end[-1]) and UNSPACED_CHARACTER.match(line):
        return text + line
    return f"{text} {line}"
