from dataclasses import replace
from uuid import UUID

from chat.retrieval.diversify import Selection, select
from chat.retrieval.results import DocumentRef, Hit

TEXT = "The wing stalls at an angle of attack of sixteen degrees, and lift is lost then."


def hit(score: float, document: int = 1, text: str | None = None) -> Hit:
    return Hit(
        chunk=UUID(int=int(score * 1000)),
        document=DocumentRef(UUID(int=document), f"{document}.txt", f"{document}", 1),
        position=0,
        text=f"Text number {score}." if text is None else text,
        headings=(),
        page_from=None,
        page_to=None,
        score=score,
        passage_score=score,
        ranks={"dense": None, "lexical": None, "rerank": None},
    )


HITS = [hit(0.9, 1), hit(0.8, 1), hit(0.7, 1), hit(0.4, 2), hit(0.1, 3)]


def scores(selection: Selection, top_k: int = 10, hits: list[Hit] = HITS) -> list[float]:
    return [item.score for item in select(hits, selection, top_k=top_k)]


def test_by_default_nothing_is_left_out():
    assert scores(Selection()) == [0.9, 0.8, 0.7, 0.4, 0.1]
    assert scores(Selection(), top_k=2) == [0.9, 0.8]


def test_a_hit_below_the_floor_is_left_out():
    assert scores(Selection(floor=0.5)) == [0.9, 0.8, 0.7]


def test_the_best_is_always_above_the_floor():
    assert scores(Selection(floor=1.0)) == [0.9]


def test_a_document_has_at_most_its_number_of_hits():
    assert scores(Selection(per_document=1)) == [0.9, 0.4, 0.1]


def test_room_is_filled_with_the_next_best_in_the_order_of_the_ranking():
    assert scores(Selection(per_document=1, fill=True), top_k=4) == [0.9, 0.8, 0.4, 0.1]
    assert scores(Selection(per_document=1, fill=True)) == scores(Selection())


def test_a_single_document_fills_all_room():
    assert scores(Selection(per_document=2, fill=True), top_k=3, hits=HITS[:3]) == [0.9, 0.8, 0.7]


def test_a_near_duplicate_is_folded_into_the_better_hit():
    hits = [
        hit(0.9, 1, TEXT),
        hit(0.8, 2, TEXT.replace("sixteen", "fifteen")),
        hit(0.7, 3, "Bread is baked."),
    ]

    assert scores(Selection(fold=True), hits=hits) == [0.9, 0.7]


def test_a_longer_text_that_contains_another_is_not_the_same():
    hits = [hit(0.9, 1, "The wing stalls."), hit(0.8, 2, TEXT * 3)]

    assert scores(Selection(fold=True), hits=hits) == [0.9, 0.8]


def test_nothing_is_selected_from_nothing():
    assert select([], Selection(fold=True, per_document=1, floor=0.5), top_k=3) == []


def test_a_hit_stays_unchanged():
    assert select([replace(HITS[0])], Selection(fold=True), top_k=1) == [HITS[0]]


def test_hits_of_preferred_documents_come_first_up_to_half_of_the_places():
    preferring = Selection(first=frozenset({UUID(int=2), UUID(int=3)}))

    assert scores(preferring) == [0.4, 0.1, 0.9, 0.8, 0.7]
    assert scores(preferring, top_k=2) == [0.4, 0.9]
    assert scores(replace(preferring, per_document=2, fill=True), top_k=4) == [0.4, 0.1, 0.9, 0.8]


def test_hits_of_documents_given_already_are_left_out():
    assert scores(Selection(without=frozenset({UUID(int=1)}))) == [0.4, 0.1]
    assert not Selection(without=frozenset({UUID(int=1)})).is_plain
