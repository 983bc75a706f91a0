import math

import pytest

from chat.retrieval import lexical, term_statistics
from chat.retrieval.lexical import best_chunks, lexical_query
from ingestion.lexical_terms import document_weights, query_terms, term_id
from ingestion.models import Chunk

TEXTS = [
    f"The wing number {number} is made of {'steel' if number % 3 else 'wood'} and oak{number}."
    for number in range(30)
]


@pytest.fixture
def wings(workspace, indexed):
    indexed(workspace, "wings.txt", *TEXTS)
    return workspace


def plain_bm25(workspace, query: str) -> dict[str, float]:
    """Score all chunks in memory, as the definition says."""
    salt = workspace.pk.int
    documents = {text: document_weights(f"wings\n{text}", salt=salt) for text in TEXTS}
    scores: dict[str, float] = {}
    for term, times in query_terms(query).items():
        number = term_id(salt, term)
        having = [text for text in TEXTS if number in documents[text]]
        idf = math.log(1 + (len(TEXTS) - len(having) + 0.5) / (len(having) + 0.5))
        for text in having:
            scores[text] = scores.get(text, 0) + times * idf * documents[text][number]
    return scores


@pytest.mark.parametrize(
    "query", ["wooden wing 9 oak9", "steel steel oak4", "wing", "oak1 oak2 oak3"]
)
def test_a_small_workspace_is_ranked_exactly_as_bm25_says(wings, reader, query):
    expected = plain_bm25(wings, query)

    found = best_chunks(reader, wings, query, depth=100)

    texts = dict(Chunk.objects.values_list("pk", "text"))
    assert {texts[item.chunk]: pytest.approx(item.score, rel=1e-3) for item in found} == expected
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


@pytest.fixture
def large(wings, monkeypatch):
    """The same workspace, as if it were a large one."""
    monkeypatch.setattr(lexical, "EXACT_MAX_CHUNKS", 5)
    monkeypatch.setattr(lexical, "MAX_CANDIDATES", 12)
    monkeypatch.setattr(lexical, "MIN_CANDIDATES", 3)
    monkeypatch.setattr(term_statistics, "COMMON_MIN_CHUNKS", 4)
    return wings


def test_a_large_workspace_looks_at_the_rarest_terms_first(large, reader):
    query = lexical_query(large, "wooden wing oak9 wood")

    salt = large.pk.int
    assert {term_id(salt, "oak9"), term_id(salt, "wood")} <= set(query.any_of)
    assert term_id(salt, "wing") not in query.any_of
    assert term_id(salt, "wing") in query.weights
    assert not query.all_of


def test_a_large_workspace_finds_the_same_best_chunk(large, reader):
    expected = plain_bm25(large, "steel wing oak4")

    best = best_chunks(reader, large, "steel wing oak4", depth=5)[0]

    assert Chunk.objects.get(pk=best.chunk).text == max(expected, key=lambda text: expected[text])


def test_common_terms_alone_still_find_something(large, reader):
    query = lexical_query(large, "steel wing number")

    assert not query.any_of
    assert query.all_of
    assert best_chunks(reader, large, "steel wing number", depth=5)


def test_many_words_cost_no_more_than_a_limit(wings):
    assert (
        len(lexical_query(wings, " ".join(f"oak{number}" for number in range(1000))).weights)
        <= lexical.MAX_QUERY_TERMS
    )


def test_a_sample_stands_for_the_workspace_for_a_while(wings, monkeypatch):
    total, having = term_statistics.count(wings, [term_id(wings.pk.int, "wing")])
    monkeypatch.setattr(term_statistics, "_taken", lambda *args: pytest.fail("counted again"))

    assert (total, list(having.values())) == (30, [30])
    assert term_statistics.count(wings, [term_id(wings.pk.int, "wing")]) == (total, having)


def test_rarity_follows_a_workspace_that_grows(wings, indexed):
    steel = term_id(wings.pk.int, "steel")
    _total, before = term_statistics.count(wings, [steel])

    indexed(wings, "more.txt", *["More steel."] * 20)

    assert term_statistics.count(wings, [steel]) == (50, {steel: before[steel] + 20})


def test_a_sample_of_a_larger_workspace_is_scaled(wings, monkeypatch):
    monkeypatch.setattr(term_statistics, "SAMPLE_CHUNKS", 15)
    monkeypatch.setattr(term_statistics, "COMMON_MIN_CHUNKS", 2)

    total, having = term_statistics.count(
        wings, [term_id(wings.pk.int, "wing"), term_id(wings.pk.int, "oak7")]
    )

    assert total == 30
    assert list(having.values()) == [30, 1]


def test_only_so_many_samples_are_remembered(wings, reader, indexed, monkeypatch):
    from support.factories import make_workspace

    monkeypatch.setattr(term_statistics, "_MAX_SAMPLES", 2)
    for _number in range(4):
        other = make_workspace(viewer=reader)
        indexed(other, "one.txt", "One.")
        term_statistics.count(other, [1])

    assert len(term_statistics._samples) == 2


def test_words_of_earlier_questions_count_half_and_a_quarter(wings, monkeypatch):
    monkeypatch.setattr(lexical, "idf", lambda total, having: 1.0)
    number = {term: term_id(wings.pk.int, term) for term in ("wing", "steel", "oak")}

    weights = lexical_query(wings, "wing", ["steel wing", "oak wing"]).weights

    assert {term: weights.get(number[term]) for term in number} == {
        "wing": 1.0,
        "steel": 0.5,
        "oak": 0.25,
    }
