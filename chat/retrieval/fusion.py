"""Fuses the rankings of legs into one by weighted scores; fusing by ranks would let a weak leg ruin a strong one.

Pure functions. The weight of a leg belongs to its model and the language of the query.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chat.retrieval.results import LegHit


@dataclass(frozen=True, slots=True)
class FusedHit:
    """A chunk with its fused score, and its rank in each leg that found it."""

    chunk: UUID
    score: float
    ranks: Mapping[str, int]
    passage_score: float
    """The score without evidence of the document."""


def fuse(found: Mapping[str, Sequence[LegHit]], weights: Mapping[str, float]) -> list[FusedHit]:
    """Add up the weighted scores, from 0 to 1, of all legs; best first, chunks of equal score in any order.

    Legs that found nothing leave their weight to the others.
    """
    present = [leg for leg, hits in found.items() if hits]
    total = sum(weights[leg] for leg in present)
    scores: dict[UUID, float] = defaultdict(float)
    ranks: dict[UUID, dict[str, int]] = defaultdict(dict)
    for leg, hits in found.items():
        # Legs of no weight decide if no other leg found anything.
        share = weights[leg] / total if total else 1 / max(1, len(present))
        for rank, hit in enumerate(hits, start=1):
            scores[hit.chunk] += share * hit.score
            ranks[hit.chunk][leg] = rank
    fused = [FusedHit(chunk, score, ranks[chunk], score) for chunk, score in scores.items()]
    return sorted(fused, key=lambda hit: -hit.score)


def single_leg(leg: str, hits: Sequence[LegHit]) -> list[FusedHit]:
    """Return the ranking of one leg in the form of a fused one, with the leg's own scores."""
    return [
        FusedHit(hit.chunk, hit.score, {leg: rank}, hit.score)
        for rank, hit in enumerate(hits, start=1)
    ]


def weights_from(shares: Mapping[str, float | None]) -> dict[str, float]:
    """Return the weight of each leg: its share, or for legs without one an equal part of what the shares leave."""
    unclaimed = [leg for leg, share in shares.items() if share is None]
    rest = 1 - sum(share for share in shares.values() if share is not None)
    return {
        leg: max(0.0, rest) / len(unclaimed) if share is None else share
        for leg, share in shares.items()
    }


def between_worst_and_best(hits: Sequence[LegHit]) -> list[LegHit]:
    """Scale scores to 0 for the worst and 1 for the best hit, for cosines, whose range depends on the model."""
    scores = [hit.score for hit in hits]
    worst, best = min(scores, default=0.0), max(scores, default=0.0)
    return [
        LegHit(hit.chunk, (hit.score - worst) / (best - worst) if best > worst else 1.0)
        for hit in hits
    ]


def share_of_best(hits: Sequence[LegHit]) -> list[LegHit]:
    """Scale scores to parts of the best score, for keyword scores, which are 0 for nothing in common."""
    best = max((hit.score for hit in hits), default=0.0)
    return [LegHit(hit.chunk, hit.score / best if best > 0 else 1.0) for hit in hits]
