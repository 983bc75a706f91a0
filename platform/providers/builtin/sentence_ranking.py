"""Chooses the sentences that answer a question best.

The score of a sentence is the share of the question's terms, weighted by rarity, that the sentence
and its context cover. A sentence with the expected type of answer scores higher. Terms of the
document's name, of headings and of labels in the question (“Year: 2022”) count equally for every
sentence below them. A sentence without terms beyond those of the question is no answer.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from language.scripts import UNSPACED
from language.words import STOP_WORDS, query_terms
from providers.builtin.answer_types import AnswerType, answer_type
from providers.builtin.passage_sentences import (
    MAX_SENTENCE_CHARACTERS,
    PassageSentence,
    sentences_of,
)
from providers.protocols import Passage

MAX_QUOTED_SENTENCES: Final = 4
# A further sentence is quoted if it has this share of the best score. The best sentence must cover
# this share of the question.
_MIN_SHARE_OF_BEST_SCORE: Final = 0.55
_MIN_COVERAGE: Final = 0.15
# Weights of a term above the sentence and in the previous sentence; a term in the sentence has 1.
_HEADING_TERM_WEIGHT: Final = 0.8
_PREVIOUS_SENTENCE_TERM_WEIGHT: Final = 0.3
# The maximal share that a score gains if the sentence has the expected type of answer, and loses
# otherwise.
_ANSWER_TYPE_WEIGHT: Final = 0.4
_RANK_WEIGHT: Final = 0.5
_NO_NEW_TERMS_FACTOR: Final = 0.3
_TITLE_FACTOR: Final = 0.6
_REFERS_BACK: Final = re.compile(
    r"(?:it|he|she|they|this|these|those|its|his|her|their|such)\b|[它他她其该該此这這]",
    re.IGNORECASE,
)
# Sentences that only announce a text: "This chapter sets out …", 本章规定…
_ANNOUNCEMENT: Final = re.compile(
    r"(?:this|the following) (?:chapter|section|part|document|policy|page|guide|manual|article|annex)"
    r" (?:sets out|describes|covers|explains|contains|lists|deals with|is about|defines|specifies|applies|governs)\b"
    r"|本(?:章|节|節|条例|條例|规定|規定|制度|办法|辦法|文件|手册|手冊|指南|部分|文|标准"
    r"|標準)(?:[将將]?(?:主要)?(?:规定|規定|介绍|介紹|说明|說明|描述|阐述|闡述|适用|適用|规范|規範|包括|明确|明確))",
    re.IGNORECASE,
)
_MODAL_VERBS: Final = frozenset({"must", "may"})
_UNSPACED_CHARACTER: Final = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A text of a passage, and the number of its citation."""

    n: int
    text: str


@dataclass(frozen=True, slots=True)
class _ScoredSentence:
    sentence: PassageSentence
    covered: float
    score: float


def best_sentences(question: str, passages: Sequence[Passage]) -> list[Quotation]:
    """Return at most MAX_QUOTED_SENTENCES, best first; [] if none covers enough of the question."""
    asked = frozenset(query_terms(question)) - _MODAL_VERBS
    sentences = [
        sentence
        for rank, passage in enumerate(passages)
        for sentence in sentences_of(rank, passage)
    ]
    if not sentences or not asked:
        return []
    scored = _scored(question, asked, sentences)
    best = max(scored, key=lambda one: one.score)
    if best.covered < _MIN_COVERAGE or not best.score:
        return []
    return [
        Quotation(sentence.passage.n, _with_context(sentence))
        for sentence in _chosen(scored, best.score)
    ]


def _scored(
    question: str, asked: Set[str], sentences: Sequence[PassageSentence]
) -> list[_ScoredSentence]:
    rarity = _rarity(asked, sentences)
    kind = answer_type(question)
    named: dict[int, Set[str]] = {}
    for sentence in sentences:
        if sentence.value and sentence.value <= asked:
            named[sentence.rank] = named.get(sentence.rank, frozenset()) | sentence.value
    scored = []
    for sentence in sentences:
        covered = _covered(sentence, rarity, sentence.above | named.get(sentence.rank, frozenset()))
        score = (
            covered
            * _answering(sentence, question, asked, kind)
            * (1 + _RANK_WEIGHT / (1 + sentence.rank))
        )
        scored.append(_ScoredSentence(sentence, covered, score))
    return scored


def _rarity(asked: Set[str], sentences: Sequence[PassageSentence]) -> dict[str, float]:
    """Return the weight of each term of the question; terms in no sentence have the average."""
    found = Counter(term for sentence in sentences for term in asked if term in sentence.terms)
    total = len(sentences)
    rarity = {
        term: math.log(1 + (total - count + 0.5) / (count + 0.5)) for term, count in found.items()
    }
    average = sum(rarity.values()) / max(1, len(rarity)) or 1.0
    # A single Chinese character is seldom a word, so it weighs less than a pair.
    single = {term for term in asked if len(term) == 1 and _UNSPACED_CHARACTER.match(term)}
    return {term: rarity.get(term, average) * (0.4 if term in single else 1.0) for term in asked}


def _covered(sentence: PassageSentence, rarity: Mapping[str, float], above: Set[str]) -> float:
    """Return the share of the question that sentence and context cover, weighted by rarity."""
    covered = 0.0
    for term, weight in rarity.items():
        if term in above:
            covered += _HEADING_TERM_WEIGHT * weight
        elif term in sentence.terms:
            covered += weight
        elif term in sentence.terms_before:
            covered += _PREVIOUS_SENTENCE_TERM_WEIGHT * weight
    return covered / sum(rarity.values())


def _answering(
    sentence: PassageSentence, question: str, asked: Set[str], kind: AnswerType | None
) -> float:
    """Return a factor for titles, announcements and the expected type of answer."""
    has_no_new_terms = all(term in asked or term in STOP_WORDS for term in sentence.terms)
    if (has_no_new_terms and sentence.is_title) or (sentence.value and sentence.value <= asked):
        return 0.0
    factor = _TITLE_FACTOR if sentence.is_title else 1.0
    if (has_no_new_terms and kind is not None) or _ANNOUNCEMENT.match(sentence.text):
        factor *= _NO_NEW_TERMS_FACTOR
    if kind is not None:
        known = "\n".join([question, sentence.passage.document_name, *sentence.passage.headings])
        factor *= 1 + kind.certainty * (
            _ANSWER_TYPE_WEIGHT if kind.found_in(sentence.text, known) else -_ANSWER_TYPE_WEIGHT
        )
    return factor


def _chosen(scored: Sequence[_ScoredSentence], best: float) -> list[PassageSentence]:
    chosen: list[PassageSentence] = []
    for one in sorted(scored, key=lambda one: -one.score):
        if len(chosen) == MAX_QUOTED_SENTENCES or one.score < _MIN_SHARE_OF_BEST_SCORE * best:
            break
        if one.score > 0 and not any(_alike(one.sentence, held) for held in chosen):
            chosen.append(one.sentence)
    return chosen


def _alike(one: PassageSentence, other: PassageSentence) -> bool:
    shared = len(one.terms.keys() & other.terms.keys())
    return shared >= 0.8 * min(len(one.terms), len(other.terms))


def _with_context(sentence: PassageSentence) -> str:
    """Return the sentence, after the previous one if it begins with a reference to that."""
    if (
        sentence.before
        and _REFERS_BACK.match(sentence.text)
        and len(sentence.before) + len(sentence.text) < MAX_SENTENCE_CHARACTERS
    ):
        return f"{sentence.before} {sentence.text}"
    return sentence.text
