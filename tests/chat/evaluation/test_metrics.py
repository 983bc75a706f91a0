import math

import pytest

from chat.evaluation import ndcg, recall, reciprocal_rank

GRADES = {"a": 3, "b": 1, "c": 0}


def test_the_best_order_has_a_gain_of_one():
    assert ndcg(["a", "b", "x"], GRADES) == pytest.approx(1)


def test_a_later_place_gains_less():
    assert ndcg(["b", "a"], GRADES) == pytest.approx(
        (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))
    )


def test_only_the_first_k_count():
    assert ndcg(["x", "a"], GRADES, k=1) == 0
    assert recall(["x", "a"], GRADES, k=1) == 0


def test_recall_is_the_share_of_right_passages_found():
    assert recall(["a", "c", "x"], GRADES) == 0.5


def test_the_reciprocal_rank_is_that_of_the_first_right_one():
    assert reciprocal_rank(["c", "x", "b", "a"], GRADES) == pytest.approx(1 / 3)


def test_a_name_counts_at_its_first_place_only():
    assert ndcg(["a", "a", "b"], GRADES) == pytest.approx(1)
    assert recall(["a", "a", "b"], GRADES, k=2) == 1


@pytest.mark.parametrize("measure", [ndcg, recall, reciprocal_rank])
@pytest.mark.parametrize(
    ("ranked", "grades"), [([], GRADES), (["a"], {}), (["c"], {"c": 0}), (["c"], {"c": -1})]
)
def test_where_nothing_is_right_or_found_the_measure_is_nought(measure, ranked, grades):
    assert measure(ranked, grades) == 0
