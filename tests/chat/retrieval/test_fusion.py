from uuid import UUID

import pytest

from chat.retrieval.fusion import fuse, single
from chat.retrieval.results import Found

A, B, C, D = (UUID(int=number) for number in range(1, 5))


def order(fused) -> list[UUID]:
    return [item.chunk for item in fused]


def test_the_weight_decides_whom_to_believe():
    near, told = [Found(A, 0.9), Found(B, 0.1)], [Found(B, 20.0), Found(A, 1.0)]

    assert order(fuse(near, told, dense_weight=0.9)) == [A, B]
    assert order(fuse(near, told, dense_weight=0.1)) == [B, A]


def test_scores_lie_between_nothing_and_one():
    fused = fuse([Found(A, 0.7), Found(B, -0.3)], [Found(A, 31.0), Found(C, 2.0)], dense_weight=0.25)

    assert fused[0].score == pytest.approx(1.0)
    assert all(0 <= item.score <= 1 for item in fused)


def test_ranks_begin_at_one_and_are_none_where_a_leg_found_nothing():
    ranks = {
        item.chunk: (item.dense, item.lexical)
        for item in fuse([Found(A, 1), Found(B, 0)], [Found(B, 3)], dense_weight=0.5)
    }

    assert ranks == {A: (1, None), B: (2, 1)}


def test_a_leg_alone_keeps_its_order_whatever_its_weight():
    found = [Found(A, 3.0), Found(B, 2.0), Found(C, 1.0)]

    assert order(fuse(found, [], dense_weight=0.0)) == order(fuse([], found, dense_weight=1.0)) == [A, B, C]


def test_a_single_hit_is_the_best_there_is():
    assert [item.score for item in fuse([], [Found(A, 0.2)], dense_weight=0.3)] == [1.0]
    assert [item.score for item in fuse([Found(A, -0.2)], [], dense_weight=0.3)] == [1.0]


def test_nothing_joined_with_nothing_is_nothing():
    assert fuse([], [], dense_weight=0.5) == []


def test_one_mode_alone_keeps_its_own_scores():
    (item,) = single([Found(D, 12.5)], dense=False)

    assert (item.score, item.dense, item.lexical) == (12.5, None, 1)
