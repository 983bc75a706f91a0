"""Reranking and follow-ups in the search API; tests of the search are in `retrieval`."""

import pytest

from providers import registry

MODEL = "fake/reranker"


class Reranker:
    """Ranks passages about the tail first."""

    id = MODEL

    def rerank_model(self, name):
        return self if name == "reranker" else None

    def rerank(self, query, texts):
        return [float("tail" in text) for text in texts]


@pytest.fixture
def search(library, reader, call):
    def search(**body):
        response = call(reader).post(f"/api/v1/workspaces/{library.slug}/search/", body)
        return response.status_code, response.json()

    with registry.connected("fake", Reranker()):
        yield search


QUERY = "lift of the aeroplane at speed"


def test_a_reranker_is_selected_by_id(search):
    _status, plain = search(query=QUERY)
    status, found = search(query=QUERY, rerank=MODEL)

    assert plain["hits"][0]["document"]["name"] == "Wings.pdf"
    assert (status, found["hits"][0]["document"]["name"]) == (200, "Tail.pdf")
    assert found["hits"][0]["ranks"]["rerank"] == 1
    assert found["trace"]["rerank"]["model"] == MODEL


def test_the_reranker_of_the_workspace_is_used_unless_disabled(search, library):
    library.rerank_model = MODEL
    library.save()

    by_default = search(query=QUERY)[1]["hits"][0]["document"]["name"]
    asked_for = search(query=QUERY, rerank=True)[1]["hits"][0]["document"]["name"]
    declined = search(query=QUERY, rerank=False)[1]["hits"][0]

    assert (by_default, asked_for) == ("Tail.pdf", "Tail.pdf")
    assert (declined["document"]["name"], declined["ranks"]["rerank"]) == ("Wings.pdf", None)


@pytest.mark.parametrize(
    ("rerank", "code"),
    [(True, "no_reranker"), ("nobody/there", "model_not_found"), ("fake/other", "model_not_found")],
)
def test_an_unknown_reranker_is_refused(search, rerank, code):
    status, problem = search(query=QUERY, rerank=rerank)

    assert (status, problem["code"]) == (400, code)


@pytest.mark.parametrize("rerank", ["", 1, [], {}])
def test_an_invalid_reranker_is_refused(search, rerank):
    status, problem = search(query=QUERY, rerank=rerank)

    assert (status, list(problem["errors"])) == (400, ["rerank"])


def test_null_disables_reranking(search):
    assert search(query=QUERY, rerank=None)[1]["hits"][0]["ranks"]["rerank"] is None


def test_earlier_questions_have_less_weight(search):
    alone = search(query="when?", mode="lexical")[1]["hits"]
    following = search(query="when?", earlier=["the wing stalls"], mode="lexical")[1]["hits"]

    assert alone == []
    assert following[0]["text"].startswith("The wing stalls")
