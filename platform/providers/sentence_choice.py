"""Chooses the sentences that answer a question best: by the rarity of the words they share with it, and by nearness.

Pure but for the vectors; what is done with the sentences is not decided here.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final

from language.scripts import UNSPACED
from language.sentences import sentence_spans
from language.words import query_terms, terms
from providers.protocols import EmbeddingModel, Passage

MOST: Final = 4
_MOST_PER_PASSAGE: Final = 400
_LONGEST: Final = 600
_FAIR_TOKENS: Final = 30
# A sentence is quoted beside the best one if it has this part of its score; the best must share this of the question.
_NEAR_THE_BEST: Final = 0.55
_LEAST_SHARED: Final = 0.15
_HEADING_COUNTS: Final = 0.4
_RANK_COUNTS: Final = 0.25
_NUMBER_COUNTS: Final = 0.15
_TABLE_RULE: Final = re.compile(r"[\s|:+]*+-[\s|:+-]*+")
_ASKS_FOR_NUMBER: Final = re.compile(
    r"\b(?:how (?:many|much|long|old|far|tall|big|large|often)|when|what (?:year|date|time|percentage)|which year)\b"
    r"|多少|幾|几|何時|何时|什么时候|什麼時候|哪一?年|哪[天日月]|日期|多[长長久大高远遠]|年份",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"[0-9０-９一二三四五六七八九十百千万萬億亿]")
_REFERS_BACK: Final = re.compile(
    r"(?:it|he|she|they|this|these|those|its|his|her|their|such)\b|[它他她其该該此这這]", re.IGNORECASE
)
_SINGLE: Final = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a passage and the number to cite them by."""

    n: int
    text: str


@dataclass(slots=True)
class _Sentence:
    passage: Passage
    rank: int
    text: str
    before: str
    terms: Counter[str]
    shared: float = 0.0
    score: float = 0.0


def best_sentences(question: str, passages: Sequence[Passage], vectors: EmbeddingModel) -> list[Quoted]:
    """Return at most MOST sentences, the best first; none when no sentence shares enough with the question."""
    asked = frozenset(query_terms(question))
    sentences = [sentence for rank, passage in enumerate(passages) for sentence in _sentences(rank, passage)]
    if not sentences or not asked:
        return []
    rarity = _rarity(asked, sentences)
    _score(question, sentences, rarity, vectors)
    best = max(sentences, key=lambda sentence: sentence.score)
    if best.shared < _LEAST_SHARED:
        return []
    return [Quoted(sentence.passage.n, _with_context(sentence)) for sentence in _chosen(sentences, best.score)]


def _sentences(rank: int, passage: Passage) -> Iterator[_Sentence]:
    header = ""
    previous = ""
    spans = list(islice(sentence_spans(passage.text), _MOST_PER_PASSAGE))
    texts = [passage.text[start:end] for start, end in spans]
    for text, following in pairwise([*texts, ""]):
        if text.startswith("|") and _TABLE_RULE.fullmatch(following):
            header = text
        elif text.startswith("|") and header and not _TABLE_RULE.fullmatch(text):
            row = _row(header, text)
            yield _Sentence(passage, rank, row, "", terms(row))
        elif not _TABLE_RULE.fullmatch(text) and text.strip() not in passage.headings:
            yield _Sentence(passage, rank, text[:_LONGEST], previous, terms(text[:_LONGEST]))
            previous = text


def _row(header: str, row: str) -> str:
    """Return a row of a table as it would be read out, each cell with its column."""
    cells = zip(_cells(header), _cells(row), strict=False)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _rarity(asked: Set[str], sentences: Sequence[_Sentence]) -> dict[str, float]:
    found = Counter(term for sentence in sentences for term in asked if term in sentence.terms)
    total = len(sentences)
    return {term: math.log(1 + (total - found[term] + 0.5) / (found[term] + 0.5)) * _weight(term) for term in asked}


def _weight(term: str) -> float:
    """Return less for a single Chinese character, which is seldom a word, than for a pair."""
    return 0.4 if len(term) == 1 and _SINGLE.match(term) else 1.0


def _score(question: str, sentences: Sequence[_Sentence], rarity: dict[str, float], vectors: EmbeddingModel) -> None:
    whole = sum(rarity.values())
    near = _nearness(question, sentences, vectors)
    wants_number = bool(_ASKS_FOR_NUMBER.search(question))
    for sentence, nearness in zip(sentences, near, strict=True):
        above = terms(" ".join(sentence.passage.headings))
        sentence.shared = sum(rarity[term] for term in rarity if term in sentence.terms) / whole
        hinted = sum(rarity[t] for t in rarity if t in above and t not in sentence.terms) / whole
        length = max(0.5, sum(sentence.terms.values()) / _FAIR_TOKENS)
        score = (sentence.shared + _HEADING_COUNTS * hinted) / (0.75 + 0.25 * length) + nearness
        if wants_number and _DIGIT.search(sentence.text):
            score += _NUMBER_COUNTS * sentence.shared
        sentence.score = score * (1 + _RANK_COUNTS / (1 + sentence.rank))


def _nearness(question: str, sentences: Sequence[_Sentence], vectors: EmbeddingModel) -> list[float]:
    weight = vectors.dense_weight(question)
    asked = vectors.embed_query(question)
    found = vectors.embed_documents([sentence.text for sentence in sentences])
    return [weight * sum(map(float.__mul__, asked, vector)) for vector in found]


def _chosen(sentences: Sequence[_Sentence], best: float) -> list[_Sentence]:
    chosen: list[_Sentence] = []
    for sentence in sorted(sentences, key=lambda sentence: -sentence.score):
        if len(chosen) == MOST or sentence.score < _NEAR_THE_BEST * best:
            break
        if sentence.shared > 0 and not any(_alike(sentence, held) for held in chosen):
            chosen.append(sentence)
    return chosen


def _alike(one: _Sentence, other: _Sentence) -> bool:
    shared = len(one.terms.keys() & other.terms.keys())
    return shared >= 0.8 * min(len(one.terms), len(other.terms))


def _with_context(sentence: _Sentence) -> str:
    """Return the sentence, with the one before it where it begins by pointing back."""
    if sentence.before and _REFERS_BACK.match(sentence.text) and len(sentence.before) + len(sentence.text) < _LONGEST:
        return f"{sentence.before} {sentence.text}"
    return sentence.text
