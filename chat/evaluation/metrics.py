"""nDCG, recall and reciprocal rank of one ranking. Of a name that is ranked twice only the first place counts."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

Name = TypeVar("Name")


def ndcg(ranked: Sequence[Name], grades: Mapping[Name, float], *, k: int = 10) -> float:
    """Return the gain of the first `k`, discounted by place, as a share of the best there could be.

    The gain is the grade itself, names without a judgement count as 0; 0 when nothing is right.
    """
    gained = _discounted(max(0.0, grades.get(name, 0.0)) for name in _first(ranked, k))
    best = _discounted(sorted((max(0.0, grade) for grade in grades.values()), reverse=True)[:k])
    return gained / best if best else 0.0


def recall(ranked: Sequence[Name], grades: Mapping[Name, float], *, k: int = 10) -> float:
    """Return the share of the right names that is among the first `k`; 0 when nothing is right."""
    right = {name for name, grade in grades.items() if grade > 0}
    return len(right.intersection(_first(ranked, k))) / len(right) if right else 0.0


def reciprocal_rank(ranked: Sequence[Name], grades: Mapping[Name, float]) -> float:
    """Return 1 over the place of the first that is right, 0 when none is."""
    places = (
        place
        for place, name in enumerate(_first(ranked, len(ranked)), start=1)
        if grades.get(name, 0) > 0
    )
    first = next(places, None)
    return 1 / first if first else 0.0


def _first(ranked: Sequence[Name], k: int) -> list[Name]:
    return list(dict.fromkeys(ranked))[:k]


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))
