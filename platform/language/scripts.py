"""Character classes of scripts, and the language by the script."""

import re
from typing import Final

# Scripts written without spaces: Han, kana, Hangul, bopomofo; Thai, Lao, Myanmar, Khmer.
UNSPACED: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1780-\u17d3"
)
# Marks within words that Python's \w excludes (Latin, Hebrew, Arabic, Indic).
MARKS: Final = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"

_UNSPACED_LETTER: Final = re.compile(f"[{UNSPACED}]")
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTERS_AND_UNSPACED: Final = re.compile(rf"[^\W\d_]|[{UNSPACED}]")
_SAMPLE_CHARACTERS: Final = 2_000


def unspaced_share(text: str) -> float:
    """Return the share of letters of unspaced scripts in the beginning of `text`."""
    if text.isascii():
        return 0.0
    sample = text[:_SAMPLE_CHARACTERS]
    return len(_UNSPACED_LETTER.findall(sample)) / max(
        1, len(_LETTERS_AND_UNSPACED.findall(sample))
    )


def latin_share(text: str) -> float:
    """Return the share of ASCII letters in the beginning of `text`."""
    letters = _LETTERS_AND_UNSPACED.findall(text[:_SAMPLE_CHARACTERS])
    return sum(map(str.isascii, letters)) / max(1, len(letters))


def language_of(text: str) -> str:
    """Return the language for an answer to `text`: Chinese if over 20 % of its letters are Han."""
    sample = text[:_SAMPLE_CHARACTERS]
    han = len(_HAN.findall(sample))
    return "zh-hans" if han > 0.2 * len(_LETTERS_AND_UNSPACED.findall(sample)) else "en"


def is_shouting(text: str) -> bool:
    """Whether `text` has more than three words, all in capitals."""
    return text.isupper() and len(text.split(maxsplit=3)) > 3 and unspaced_share(text) == 0
