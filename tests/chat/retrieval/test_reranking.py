import threading

import pytest

from chat import retrieval
from chat.retrieval import Selection, reranking
from providers import registry
from providers.exceptions import ProviderUnavailable

MODEL = "fake/reranker"


class Reranker:
    """Likes texts with a word in it, and remembers what it was asked."""

    id = MODEL

    def __init__(self, likes: str) -> None:
        self.likes = likes
        self.calls: list[tuple[str, list[str]]] = []

    def rerank_model(self, name):
        return self if name == "reranker" else None

    def rerank(self, query, texts):
        self.calls.append((query, list(texts)))
        return [-1.0 if self.likes in text else -2.0 for text in texts]


@pytest.fixture
def reranker():
    with registry.connected("fake", Reranker("stalls")) as source:
        yield source


@pytest.fixture
def reranking_shelf(shelf):
    shelf.rerank_model = MODEL
    shelf.save()
    return shelf


def test_the_workspaces_reranker_orders_the_hits(reranking_shelf, reader, reranker):
    plain = retrieval.search(reader, reranking_shelf, "lift of the wing", rerank=False)
    result = retrieval.search(reader, reranking_shelf, "lift of the wing")

    assert plain.hits[0].text == "Lift grows with the square of the speed."
    assert [hit.text for hit in result.hits][:2] == [
        "The wing stalls at 16 degrees.",
        "Lift grows with the square of the speed.",
    ]
    assert [hit.ranks["rerank"] for hit in result.hits] == list(range(1, len(result.hits) + 1))
    assert [hit.score for hit in result.hits] == sorted(
        (hit.score for hit in result.hits), reverse=True
    )
    assert result.trace["rerank"] == {"model": MODEL, "candidates": len(plain.hits)}
    assert "rerank" in result.trace["ms"]


def test_without_one_nothing_is_read_again(shelf, reader, reranker):
    assert retrieval.search(reader, shelf, "wing", rerank=True).hits[0].ranks["rerank"] is None
    assert reranker.calls == []


def test_one_may_be_asked_for_by_its_id(shelf, reader, reranker):
    assert (
        retrieval.search(reader, shelf, "lift of the wing", rerank=MODEL)
        .hits[0]
        .text.startswith("The wing stalls")
    )


def test_a_single_leg_is_reranked_only_when_asked_for(reranking_shelf, reader, reranker):
    assert (
        retrieval.search(reader, reranking_shelf, "wing", mode="lexical").hits[0].ranks["rerank"]
        is None
    )
    assert (
        retrieval.search(reader, reranking_shelf, "wing", mode="lexical", rerank=True)
        .hits[0]
        .ranks["rerank"]
        == 1
    )


def test_the_reranker_reads_title_headings_and_earlier_questions(reranking_shelf, reader, reranker):
    retrieval.search(reader, reranking_shelf, "its lift", earlier=["What of the wing?"])

    [(query, texts)] = reranker.calls
    assert query == "What of the wing?\nits lift"
    assert "wings\nThe wing stalls at 16 degrees." in texts


def test_few_hits_are_chosen_from_as_many_candidates_as_many(reranking_shelf, reader, reranker):
    assert (
        retrieval.search(reader, reranking_shelf, "lift", top_k=1)
        .hits[0]
        .text.startswith("The wing stalls")
    )


def test_the_floor_is_of_the_first_ranking(reranking_shelf, reader, reranker):
    low = retrieval.search(reader, reranking_shelf, "bread of flour", rerank=False).hits
    selection = Selection(floor=0.5)

    result = retrieval.search(reader, reranking_shelf, "bread of flour", selection=selection)

    assert {hit.text for hit in result.hits} == {
        hit.text for hit in low if hit.score >= 0.5 * low[0].score
    }


class _Garbage(Reranker):
    def rerank(self, query, texts):
        return [1.0]


class _NotANumber(Reranker):
    def rerank(self, query, texts):
        return [float("nan")] * len(texts)


class _Down(Reranker):
    def rerank(self, query, texts):
        raise ProviderUnavailable("Nobody is there.")


class _Slow(Reranker):
    def __init__(self, likes: str) -> None:
        super().__init__(likes)
        self.enough = threading.Event()

    def rerank(self, query, texts):
        self.enough.wait(5)
        return [0.0] * len(texts)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (_Garbage, "did not return a score"),
        (_NotANumber, "did not return a score"),
        (_Down, "Nobody"),
        (_Slow, "too long"),
    ],
)
def test_a_reranker_that_fails_leaves_the_order_and_says_so(
    reranking_shelf, reader, monkeypatch, kind, words
):
    monkeypatch.setattr(reranking, "RERANK_TIMEOUT_SECONDS", 0.05)
    plain = retrieval.search(reader, reranking_shelf, "lift of the wing", rerank=False)

    with registry.connected("fake", kind("stalls")) as source:
        result = retrieval.search(reader, reranking_shelf, "lift of the wing")
        getattr(source, "enough", threading.Event()).set()

    assert result.hits == plain.hits
    assert result.trace["rerank_error"]["code"] == "provider_unavailable"
    assert words in result.trace["rerank_error"]["message"]


def test_a_reranker_that_is_no_more_is_noted_too(reranking_shelf, reader):
    assert (
        retrieval.search(reader, reranking_shelf, "wing").trace["rerank_error"]["code"]
        == "model_not_found"
    )
