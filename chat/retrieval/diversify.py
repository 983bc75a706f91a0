"""Which hits of a ranking are worth handing on: not twice the same, not all from one document, not what hardly fits.

Pure functions. The plain ranking is what a search answers with unless it is asked for this.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

from chat.retrieval.results import Hit
from language.words import terms

_ALIKE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Selection:
    """What to leave out of a ranking; by default nothing."""

    fold: bool = False
    """Leave out what says nearly the same as a better hit."""
    per_document: int | None = None
    """At most so many hits of one document."""
    fill: bool = False
    """Where that leaves room, fill it with the next best, whatever document they are of."""
    floor: float = 0.0
    """Leave out what scores below this part of the best score, from 0 to 1."""
    first: frozenset[UUID] = frozenset()
    """Documents whose hits come first, up to half of all places."""
    without: frozenset[UUID] = frozenset()
    """Documents whose hits are left out."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing is left out."""
        return not (self.fold or self.per_document or self.floor or self.first or self.without)


def select(hits: Iterable[Hit], selection: Selection, *, top_k: int) -> list[Hit]:
    """Return the best `top_k` that `selection` lets through, in the order they came."""
    others = (hit for hit in hits if hit.document.id not in selection.without)
    worthy = above_floor(others, selection.floor)
    distinct = _folded(worthy) if selection.fold else worthy
    if selection.first:
        distinct = _preferring(distinct, selection.first, top_k // 2)
    if selection.per_document is None:
        return list(islice(distinct, top_k))
    return _capped(distinct, selection.per_document, top_k, fill=selection.fill)


def above_floor(hits: Iterable[Hit], floor: float) -> Iterator[Hit]:
    """Yield the hits that score at least this part of the first of them."""
    best: float | None = None
    for hit in hits:
        best = hit.score if best is None else best
        if floor <= 0 or hit.score >= floor * best:
            yield hit


def _preferring(hits: Iterable[Hit], first: Collection[UUID], most: int) -> Iterator[Hit]:
    ordered = list(hits)
    preferred = [hit for hit in ordered if hit.document.id in first][:most]
    chosen = {hit.chunk for hit in preferred}
    yield from preferred
    yield from (hit for hit in ordered if hit.chunk not in chosen)


def _folded(hits: Iterable[Hit]) -> Iterator[Hit]:
    kept: list[_Words] = []
    for hit in hits:
        words = _Words(hit.text)
        if not any(words.are_like(other) for other in kept):
            kept.append(words)
            yield hit


class _Words:
    """The words of a text, to be compared with those of others: most pairs are told apart without counting."""

    def __init__(self, text: str) -> None:
        self.counted = terms(text)
        self.total = self.counted.total()

    def are_like(self, other: "_Words") -> bool:
        """Tell whether nearly all words of the one are in the other."""
        needed = _ALIKE * max(self.total, other.total)
        if min(self.total, other.total) < needed:
            return False
        # Each word that the other has not at all is one less at the least.
        alone = len(self.counted) - len(self.counted.keys() & other.counted.keys())
        return self.total - alone >= needed and (self.counted & other.counted).total() >= needed


def _capped(hits: Iterable[Hit], cap: int, top_k: int, *, fill: bool) -> list[Hit]:
    """Return hits of which no document has more than `cap`, and with `fill` the next best in what room is left."""
    ordered: list[Hit] = []
    seen: Counter[object] = Counter()
    within: list[int] = []
    for place, hit in enumerate(hits):
        ordered.append(hit)
        seen[hit.document.id] += 1
        if seen[hit.document.id] <= cap:
            within.append(place)
        if len(within) == top_k:
            break  # Those after it would only be folded in vain.
    chosen = within
    if fill:
        chosen = within + [place for place in range(len(ordered)) if place not in within][: top_k - len(within)]
    return [ordered[place] for place in sorted(chosen)]
