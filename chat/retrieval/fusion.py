"""Joins the two legs into one ranking, by weighted scores: ranks alone would let a weak leg ruin a strong one.

Pure functions. The weight belongs to the embedding model and the language of the query.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chat.retrieval.results import Found


@dataclass(frozen=True, slots=True)
class Fused:
    """A chunk with its joint score and its rank in each leg."""

    chunk: UUID
    score: float
    dense: int | None
    lexical: int | None


def fuse(dense: Sequence[Found], lexical: Sequence[Found], *, dense_weight: float) -> list[Fused]:
    """Join both legs, the best first; how equals are ordered is not decided here."""
    if not dense:
        dense_weight = 0.0
    if not lexical:
        dense_weight = 1.0
    near = _between_worst_and_best(dense)
    told = _share_of_best(lexical)
    near_ranks, told_ranks = _ranks(dense), _ranks(lexical)
    fused = [
        Fused(
            chunk=chunk,
            score=dense_weight * near.get(chunk, 0.0) + (1 - dense_weight) * told.get(chunk, 0.0),
            dense=near_ranks.get(chunk),
            lexical=told_ranks.get(chunk),
        )
        for chunk in {**told, **near}
    ]
    return sorted(fused, key=lambda item: -item.score)


def single(found: Sequence[Found], *, dense: bool) -> list[Fused]:
    """Return one leg alone in the same form, with its own scores."""
    return [
        Fused(item.chunk, item.score, dense=rank if dense else None, lexical=None if dense else rank)
        for rank, item in enumerate(found, start=1)
    ]


def _ranks(found: Sequence[Found]) -> dict[UUID, int]:
    return {item.chunk: rank for rank, item in enumerate(found, start=1)}


def _between_worst_and_best(found: Sequence[Found]) -> dict[UUID, float]:
    """Return nearness from 0 to 1: cosines of one model lie anywhere, so only their differences tell."""
    scores = [item.score for item in found]
    worst, best = min(scores, default=0.0), max(scores, default=0.0)
    return {item.chunk: (item.score - worst) / (best - worst) if best > worst else 1.0 for item in found}


def _share_of_best(found: Sequence[Found]) -> dict[UUID, float]:
    """Return keyword scores from 0 to 1: nothing in common is a natural zero."""
    best = max((item.score for item in found), default=0.0)
    return {item.chunk: item.score / best if best > 0 else 1.0 for item in found}
