from uuid import UUID

import pytest

from chat.retrieval.fusion import (
    between_worst_and_best,
    fuse,
    share_of_best,
    single_leg,
    weights_from,
)
from chat.retrieval.results import LegHit

A, B, C, D = (UUID(int=number) for number in range(1, 5))


def joined(dense: list[LegHit], lexical: list[LegHit], dense_weight: float):
    found = {"lexical": share_of_best(lexical), "dense": between_worst_and_best(dense)}
    return fuse(found, weights_from({"lexical": None, "dense": dense_weight}))


def order(fused) -> list[UUID]:
    return [item.chunk for item in fused]


def test_the_leg_of_more_weight_decides_the_order():
    near, told = [LegHit(A, 0.9), LegHit(B, 0.1)], [LegHit(B, 20.0), LegHit(A, 1.0)]

    assert order(joined(near, told, 0.9)) == [A, B]
    assert order(joined(near, told, 0.1)) == [B, A]


def test_scores_lie_between_zero_and_one():
    fused = joined([LegHit(A, 0.7), LegHit(B, -0.3)], [LegHit(A, 31.0), LegHit(C, 2.0)], 0.25)

    assert fused[0].score == pytest.approx(1.0)
    assert all(0 <= item.score <= 1 for item in fused)


def test_ranks_begin_at_one_and_name_only_legs_that_found_the_chunk():
    fused = joined([LegHit(A, 1), LegHit(B, 0)], [LegHit(B, 3)], 0.5)

    assert {item.chunk: item.ranks for item in fused} == {
        A: {"dense": 1},
        B: {"dense": 2, "lexical": 1},
    }


def test_the_only_leg_with_hits_keeps_its_order_at_any_weight():
    found = [LegHit(A, 3.0), LegHit(B, 2.0), LegHit(C, 1.0)]

    assert order(joined(found, [], 0.0)) == order(joined([], found, 1.0)) == [A, B, C]


def test_a_single_hit_scores_one():
    assert [item.score for item in joined([], [LegHit(A, 0.2)], 0.3)] == [1.0]
    assert [item.score for item in joined([LegHit(A, -0.2)], [], 0.3)] == [1.0]


def test_fusing_legs_without_hits_gives_no_hits():
    assert joined([], [], 0.5) == []


def test_a_single_leg_keeps_its_own_scores():
    (item,) = single_leg("lexical", [LegHit(D, 12.5)])

    assert (item.score, item.ranks) == (12.5, {"lexical": 1})


def test_a_leg_without_a_share_has_the_weight_that_the_shares_leave():
    assert weights_from({"lexical": None, "dense": 0.25, "titles": 0.25}) == {
        "lexical": 0.5,
        "dense": 0.25,
        "titles": 0.25,
    }
