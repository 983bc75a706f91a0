"""Finds the words of a passage that support a claim, and measures the support by word overlap.

A quotation is always cut from the passage, never composed, so a reader can verify it by eye.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final

from chat.citing.scanner import without_marks
from language.scripts import unspaced_share
from language.sentences import sentence_spans
from language.words import query_terms

MAX_QUOTE_CHARS: Final = 600
ELLIPSIS_BETWEEN_PARTS: Final = " … "
"""Separates the parts of a quotation between which words of the passage are left out."""
_MAX_JOINED_QUOTE_CHARS: Final = 1_500
_MAX_SENTENCES_READ: Final = 400
_CLAIM_TAIL_CHARS: Final = 600
_SHORT_CLAIM_TERMS: Final = 2
# A second sentence is quoted if it adds at least this share of the claim's terms.
_MIN_ADDED_TERMS_SHARE: Final = 0.2


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a passage that support one claim or several.

    `support` is a number from 0 to 1; None if the claim has no terms or another script.
    """

    passage: str
    spans: tuple[Span, ...]
    support: float | None

    @property
    def text(self) -> str:
        """The quoted words, parts joined by an ellipsis."""
        return ELLIPSIS_BETWEEN_PARTS.join(self.passage[start:end] for start, end in self.spans)

    def with_more(self, other: "Quote") -> "Quote":
        """Return this quotation with the words for another claim; support is the lower of both."""
        spans = _merged(self.passage, [*self.spans, *other.spans])
        if sum(end - start for start, end in spans) > _MAX_JOINED_QUOTE_CHARS:
            spans = self.spans
        known = [support for support in (self.support, other.support) if support is not None]
        return Quote(self.passage, spans, min(known, default=None))


def claim_before(said: str) -> str:
    """Return the claim before a citation at the end of `said`: the last sentence.

    A last sentence of at most _SHORT_CLAIM_TERMS terms is returned with the sentence before it.
    """
    text = without_marks(said[-_CLAIM_TAIL_CHARS:])
    spans = list(sentence_spans(text))
    if not spans:
        return ""
    claim = text[spans[-1][0] : spans[-1][1]]
    if len(spans) > 1 and len(query_terms(claim)) <= _SHORT_CLAIM_TERMS:
        claim = text[spans[-2][0] : spans[-1][1]]
    return claim


def quote_for(claim: str, passage: str) -> Quote:
    """Return the sentence of `passage`, or two neighbouring sentences, that best supports `claim`."""
    wanted = frozenset(query_terms(claim))
    spans = list(islice(sentence_spans(passage), _MAX_SENTENCES_READ))
    if not spans:
        return _cut(passage, 0, MAX_QUOTE_CHARS, None)
    found = [wanted & query_terms(passage[start:end]).keys() for start, end in spans]
    start, end = _best(spans, found, len(wanted))
    comparable = wanted and (unspaced_share(claim) > 0.5) == (unspaced_share(passage) > 0.5)
    support = round(len(frozenset().union(*found)) / len(wanted), 3) if comparable else None
    return _cut(passage, start, min(end, start + MAX_QUOTE_CHARS), support)


def _cut(passage: str, start: int, end: int, support: float | None) -> Quote:
    words = passage[start:end]
    start += len(words) - len(words.lstrip())
    return Quote(passage, ((start, start + len(words.strip())),), support)


def _merged(passage: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return `spans` in the order of the passage, overlapping and adjacent spans joined."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and not passage[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _best(spans: Sequence[Span], found: Sequence[frozenset[str]], wanted: int) -> Span:
    """Return the span of the best sentence, extended by a neighbour that adds enough terms."""
    best = max(range(len(spans)), key=lambda i: (len(found[i]), spans[i][0] - spans[i][1]))
    chosen, most = spans[best], len(found[best]) + max(1, _MIN_ADDED_TERMS_SHARE * wanted)
    for left, right in pairwise(range(max(0, best - 1), min(len(spans), best + 2))):
        together = len(found[left] | found[right])
        if together >= most:
            chosen, most = (spans[left][0], spans[right][1]), together
    return chosen
