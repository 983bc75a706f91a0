"""Another leg of a search takes one class and one entry in `LEGS`."""

import pytest

from chat import retrieval
from chat.retrieval import LEGS
from chat.retrieval.legs import LegRanking
from chat.retrieval.results import LegHit

URL = "/api/v1/workspaces/{}/search/"


class TitleLeg:
    """Finds the chunks of documents whose names begin with the query."""

    def rank(self, request, trace):
        with trace.stage("titles"):
            found = request.chunks.filter(document__name__startswith=request.query).order_by(
                "position"
            )
            return LegRanking(
                [LegHit(chunk, 1.0) for chunk in found.values_list("pk", flat=True)], share=0.3
            )

    def scale(self, hits):
        return hits


@pytest.fixture
def titles(monkeypatch):
    """A third leg, beside the two of `LEGS`."""
    monkeypatch.setitem(LEGS, "titles", TitleLeg())


def test_a_hit_of_another_leg_is_in_result_and_trace(titles, shelf, reader):
    result = retrieval.search(reader, shelf, "bre")

    hit = next(hit for hit in result.hits if hit.document.name == "bread.txt")
    assert hit.ranks == {
        "lexical": None,
        "dense": hit.ranks["dense"],
        "titles": 1,
        "document": hit.ranks["document"],
        "rerank": None,
    }
    assert result.trace["found"]["titles"] == 1
    assert result.trace["titles_weight"] == 0.3
    assert "titles" in result.trace["ms"]


def test_another_leg_is_a_mode_with_its_own_ranking(titles, shelf, reader):
    result = retrieval.search(reader, shelf, "wings", mode="titles")

    assert [(hit.document.name, hit.position, hit.ranks["titles"]) for hit in result.hits] == [
        ("wings.txt", 0, 1),
        ("wings.txt", 1, 2),
    ]


def test_the_api_shows_the_rank_in_another_leg(titles, shelf, reader, client):
    client.force_login(reader)

    answer = client.post(
        URL.format(shelf.slug), {"query": "bread"}, content_type="application/json"
    ).json()

    hit = next(hit for hit in answer["hits"] if hit["document"]["name"] == "bread.txt")
    assert list(hit["ranks"]) == ["dense", "lexical", "titles", "document", "rerank"]
    assert hit["ranks"]["titles"] == 1
    assert answer["trace"]["found"]["titles"] == 1


def test_a_stranger_finds_nothing_by_another_leg(titles, shelf, stranger):
    assert retrieval.search(stranger, shelf, "wings", mode="titles").hits == ()
