"""Terms of keyword search: words as stems, Chinese as single characters and pairs of characters.

Documents and questions use the same functions. Callers weight and store the terms. Chinese,
Japanese and Korean need no dictionary: characters and pairs retrieve better than segmenters.
Traditional and Simplified characters have the same terms, see `han`.
"""

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, repeat
from operator import add
from typing import Final

import Stemmer

from language.han import fold_han
from language.scripts import MARKS, UNSPACED, is_shouting

_STOP_WORDS: Final = """
a about above after again against all also am an and any are aren as at be because been before being below between
both but by can cannot could couldn d did didn do does doesn doing don down during each few for from further had
hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn it its itself ll
m me mightn more most mustn my myself needn no nor not now of off on once only or other our ours ourselves out over
own please re s same shall shan she should shouldn so some such t than that the their theirs them themselves then
there these they this those through to too under until up upon us ve very was wasn we were weren what when where
which while who whom whose why will with would wouldn you your yours yourself yourselves
"""
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())

# Chinese question words are common in questions but rare in documents, so their rarity would
# mislead the ranking.
_QUESTION_WORDS: Final = re.compile(
    r"请问|請問|有没有|有沒有|是否|[为為][什甚][么麼]|[什甚][么麼][样樣]?|怎[么麼样樣]+|如何|[为為]何|何[时時人处處者]|多少|[谁誰]"
    r"|哪(?:一?[些个個位年天月日国國种種家]|一|[里裡裏])|[几幾](?=[个個年次天岁歲名位种種月日点點层層条條人])|[吗嗎呢](?=\W|$)"
)

# Possessive runs of one class: faster than an alternation for each letter.
_LETTERS: Final = rf"(?:[^\W_]++|[{MARKS}]++)++"
_UNSPACED_RUN: Final = re.compile(f"([{UNSPACED}]+)")
_WORD: Final = re.compile(
    rf"(?<!\w)[A-Za-z](?:\+\+|#)(?!\w)|{_LETTERS}(?:[-\u2010-\u2015_/.@:&+'’,]{_LETTERS})*"
)
_PART: Final = re.compile(rf"{_LETTERS}")
_DIGITS_OR_LETTERS: Final = re.compile(rf"\d+|(?:[^\W\d_]|[{MARKS}])+")
_MARKED_COMPOUND: Final = re.compile(r"[\d_@.]")
_TWO_WORDS: Final = re.compile(r"[^\W\d_]+[-\u2010][^\W\d_]+")
_DECIMAL: Final = re.compile(r"\d+\.\d+")
_PLAIN_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"}
)
_TWO_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_MAX_COMPOUND_CHARACTERS: Final = 80
_stemmers = threading.local()


def terms(text: str) -> Counter[str]:
    """Count the terms of a document, with stop words, since a title may consist of stop words."""
    return Counter(chain.from_iterable(_terms(text)))


def query_terms(text: str) -> Counter[str]:
    """Count the terms of a question, without stop and question words unless it has no others."""
    counted = terms(_QUESTION_WORDS.sub(" ", text)) or terms(text)
    significant = Counter(
        {term: count for term, count in counted.items() if term not in STOP_WORDS}
    )
    return significant or counted


def _terms(text: str) -> Iterator[Iterable[str]]:
    """Yield iterables of terms, which `Counter` counts faster than single terms."""
    text = unicodedata.normalize("NFKC", text)
    shouting = is_shouting(text)
    for index, piece in enumerate(_UNSPACED_RUN.split(text)):
        if index % 2:
            folded = fold_han(piece)
            yield folded
            yield map(add, folded, folded[1:])
        else:
            yield chain.from_iterable(map(_word_terms, _WORD.findall(piece), repeat(shouting)))


@lru_cache(maxsize=30_000)  # Most words of a text are frequent ones.
def _word_terms(word: str, shouting: bool) -> tuple[str, ...]:
    if not word.isalpha():
        return (word.lower(),) if word.endswith(("+", "#")) else _compound_terms(word)
    if not shouting and word.isupper() and len(word) > 1 and word.lower() in STOP_WORDS:
        return _stem(word), f"={word}"  # WHO, IT and US are names, not stop words.
    return tuple(map(_stem, _spellings(word)))


def _compound_terms(word: str) -> tuple[str, ...]:
    """Return the parts of a part number, date, identifier or hyphenated word, and the whole."""
    parts = _PART.findall(word)
    found = [_stem(spelling) for part in parts for spelling in _spellings(part)]
    for part in parts:
        pieces = _DIGITS_OR_LETTERS.findall(part)
        if len(pieces) > 1:
            found += map(_stem, pieces)
    if (
        len(parts) > 1
        and len(word) <= _MAX_COMPOUND_CHARACTERS
        and (_MARKED_COMPOUND.search(word) or _TWO_WORDS.fullmatch(word))
    ):
        found += map(_whole, _spellings(word))
    return tuple(found)


def _spellings(word: str) -> tuple[str, ...]:
    """Return `word` and its transliteration, as in Prüfung and pruefung.

    Folding drops the diacritics of the first, so prufung is found too.
    """
    if word.isascii():
        return (word,)
    spelled = word.casefold().translate(_TWO_LETTERS)
    return (word,) if spelled == word.casefold() else (word, spelled)


def _whole(word: str) -> str:
    """Return a compound without separators, so that AB-1234/5, AB_1234.5 and ab12345 are equal."""
    folded = _fold(word)
    return folded if _DECIMAL.fullmatch(folded) else _stem("".join(_PART.findall(folded)))


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    folded = _fold(word)
    if folded in STOP_WORDS or not folded.isascii() or not folded.isalpha():
        return folded
    # One stemmer per thread: it keeps its working memory in the object.
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    return str(_stemmers.english.stemWord(folded))


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", word.casefold()) if not "\u0300" <= c <= "\u036f"
    )
    return unicodedata.normalize("NFC", bare).translate(_PLAIN_LETTERS)
