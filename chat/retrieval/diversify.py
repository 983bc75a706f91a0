"""Selects hits of a ranking: no text twice, not all from one document, none that hardly matches.

Pure functions. A search returns the plain ranking unless a selection is given.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

from chat.retrieval.results import Hit
from language.words import terms

_DUPLICATE_SHARE: Final = 0.9
"""Texts that share this part of their words are duplicates."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions for the hits of a ranking; without conditions, the ranking is plain."""

    fold: bool = False
    """Leave out hits with nearly the same words as a better hit."""
    per_document: int | None = None
    """Maximum number of hits of one document."""
    fill: bool = False
    """Fill places that `per_document` leaves with the next best hits of any document."""
    floor: float = 0.0
    """Leave out hits that score below this part of the best score, from 0 to 1."""
    first: frozenset[UUID] = frozenset()
    """Documents whose hits come first, up to half of all places."""
    without: frozenset[UUID] = frozenset()
    """Documents whose hits are left out."""

    @property
    def is_plain(self) -> bool:
        """Whether no hit is left out or moved."""
        return not (self.fold or self.per_document or self.floor or self.first or self.without)


def select(hits: Iterable[Hit], selection: Selection, *, top_k: int) -> list[Hit]:
    """Return the best `top_k` hits that meet the conditions of `selection`, best first."""
    allowed = (hit for hit in hits if hit.document.id not in selection.without)
    matching = above_floor(allowed, selection.floor)
    distinct = _without_duplicates(matching) if selection.fold else matching
    if selection.first:
        ordered = list(distinct)
        preferred = [hit for hit in ordered if hit.document.id in selection.first][: top_k // 2]
        chosen = {hit.chunk for hit in preferred}
        distinct = iter(preferred + [hit for hit in ordered if hit.chunk not in chosen])
    if selection.per_document is None:
        return list(islice(distinct, top_k))
    return _capped(distinct, selection.per_document, top_k, fill=selection.fill)


def above_floor(hits: Iterable[Hit], floor: float) -> Iterator[Hit]:
    """Yield the hits whose passages score at least `floor` times the best passage."""
    if floor <= 0:
        return iter(hits)
    hits = list(hits)
    best = max((hit.passage_score for hit in hits), default=0.0)
    return (hit for hit in hits if hit.passage_score >= floor * best)


def _without_duplicates(hits: Iterable[Hit]) -> Iterator[Hit]:
    kept: list[_WordCounts] = []
    for hit in hits:
        words = _WordCounts(hit.text)
        if not any(words.are_like(other) for other in kept):
            kept.append(words)
            yield hit


class _WordCounts:
    """The words of a text and their counts; most pairs of texts differ without comparing counts."""

    def __init__(self, text: str) -> None:
        self.counted = terms(text)
        self.total = self.counted.total()

    def are_like(self, other: "_WordCounts") -> bool:
        """Return whether nearly all words of either text are in the other."""
        needed = _DUPLICATE_SHARE * max(self.total, other.total)
        if min(self.total, other.total) < needed:
            return False
        # Upper bound: each distinct word that only one text has lowers the shared count by at least
        # one.
        alone = len(self.counted) - len(self.counted.keys() & other.counted.keys())
        return self.total - alone >= needed and (self.counted & other.counted).total() >= needed


def _capped(hits: Iterable[Hit], cap: int, top_k: int, *, fill: bool) -> list[Hit]:
    """Return at most `cap` hits of each document; `fill` adds the next best hits up to `top_k`."""
    ordered: list[Hit] = []
    seen: Counter[object] = Counter()
    within: list[int] = []
    for place, hit in enumerate(hits):
        ordered.append(hit)
        seen[hit.document.id] += 1
        if seen[hit.document.id] <= cap:
            within.append(place)
        if len(within) == top_k:
            break  # Later hits would be compared with all before, in vain.
    chosen = within
    if fill:
        chosen = (
            within
            + [place for place in range(len(ordered)) if place not in within][: top_k - len(within)]
        )
    return [ordered[place] for place in sorted(chosen)]
