import json

import pytest
from django.contrib.auth.models import AnonymousUser
from support.factories import make_document, make_workspace

from chat import retrieval
from chat.retrieval import Selection
from ingestion.models import Chunk
from providers import registry
from providers.exceptions import ProviderUnavailable
from workspaces.models import Membership

MODES = ["hybrid", "lexical", "dense"]


def names(result: retrieval.SearchResult) -> list[str]:
    return [hit.document.name for hit in result.hits]


@pytest.mark.parametrize("mode", MODES)
def test_the_best_chunk_comes_first(shelf, reader, mode):
    result = retrieval.search(reader, shelf, "Bread from flour and water", mode=mode)

    hit = result.hits[0]
    assert (hit.document.name, hit.text) == ("bread.txt", "Bread is baked from flour and water.")
    assert (
        hit.ranks[mode] == 1
        if mode != "hybrid"
        else hit.ranks == {"dense": 1, "lexical": 1, "document": None, "rerank": None}
    )


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("攻角 失速", "机翼在攻角达到十六度时失速。"),
        ("升力", "升力随速度的平方增加。"),
        ("ab12345", "Order part AB-1234/5 for the pump."),
        ("AB-1234/5", "Order part AB-1234/5 for the pump."),
        ("stalling wings", "The wing stalls at 16 degrees."),
    ],
)
def test_words_are_found_as_people_write_them(shelf, reader, query, text):
    for mode in ("lexical", "hybrid"):
        assert retrieval.search(reader, shelf, query, mode=mode).hits[0].text == text


@pytest.mark.parametrize("mode", ["lexical", "hybrid"])
@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("账号如何开通？", "帳號開通須填寫申請單。"),
        ("帳號如何開通？", "帳號開通須填寫申請單。"),
        ("採購標準是什麼？", "采购标准：三家比价。"),
        ("采购标准是什么？", "采购标准：三家比价。"),
    ],
)
def test_traditional_and_simplified_chinese_find_each_other(
    workspace, reader, indexed, query, best, mode
):
    indexed(workspace, "trad.txt", "帳號開通須填寫申請單。", "起重機須登記。")
    indexed(workspace, "simp.txt", "采购标准：三家比价。", "起重机开通前须登记。")

    assert retrieval.search(reader, workspace, query, mode=mode).hits[0].text == best


def test_a_document_is_found_by_its_name(shelf, reader):
    assert names(retrieval.search(reader, shelf, "parts", mode="lexical"))[0] == "parts.txt"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "query",
    [
        "",
        "  ",
        "?!…",
        "the of and",
        "\x00",
        "wing\x00",
        "\ud800",
        "🎉",
        "wing " * 2000,
        "翼" * 10_000,
    ],
)
def test_any_text_is_a_query(shelf, reader, query, mode):
    result = retrieval.search(reader, shelf, query, mode=mode)

    assert json.loads(json.dumps(result.trace))["ms"]["total"] >= 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", ["", "?!…", "🎉"])
def test_a_query_without_words_finds_nothing(shelf, reader, query, mode):
    assert retrieval.search(reader, shelf, query, mode=mode).hits == ()


def test_a_query_of_stop_words_finds_texts_with_them(shelf, reader, indexed):
    indexed(shelf, "hamlet.txt", "To be, or not to be, that is the question.")

    assert names(retrieval.search(reader, shelf, "to be or not to be"))[0] == "hamlet.txt"


@pytest.mark.parametrize("mode", MODES)
def test_strangers_visitors_and_former_members_find_nothing(shelf, stranger, reader, admin, mode):
    Membership.objects.filter(user=reader).delete()

    for user in (stranger, reader, admin, AnonymousUser()):
        assert retrieval.search(user, shelf, "wing", mode=mode).hits == ()


@pytest.mark.parametrize("mode", MODES)
def test_only_the_workspace_asked_is_searched(shelf, reader, indexed, mode):
    other = make_workspace("Elsewhere", viewer=reader)
    indexed(other, "elsewhere.txt", "The wing of another place.")

    assert "elsewhere.txt" not in names(
        retrieval.search(reader, shelf, "wing of another place", mode=mode)
    )
    assert names(retrieval.search(reader, other, "wing", mode=mode)) == ["elsewhere.txt"]


@pytest.mark.parametrize("mode", MODES)
def test_a_deleted_document_is_gone_at_once(shelf, reader, mode):
    shelf.documents.get(name="bread.txt").delete()

    assert "bread.txt" not in names(retrieval.search(reader, shelf, "bread", mode=mode))


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_found_in_an_empty_workspace(workspace, reader, mode):
    assert retrieval.search(reader, workspace, "wing", mode=mode).hits == ()


@pytest.mark.parametrize("mode", MODES)
def test_scores_fall_and_equals_come_in_the_order_of_names_and_positions(
    workspace, reader, indexed, mode
):
    for name in ("b.txt", "c.txt", "a.txt"):
        make_twin(workspace, name, indexed)

    result = retrieval.search(reader, workspace, "wing", mode=mode)

    assert [(hit.document.title, hit.position) for hit in result.hits] == [
        (name, position) for name in ("a", "b", "c") for position in (0, 1)
    ]
    assert [hit.score for hit in result.hits] == sorted(
        (hit.score for hit in result.hits), reverse=True
    )


def make_twin(workspace, name, indexed) -> None:
    """A document that differs from others in nothing but its name."""
    document = indexed(workspace, "same.txt", "The wing.", "The wing.")
    document.name, document.title = name, name[0]
    document.save()


def test_few_hits_are_the_first_of_many(shelf, reader):
    many = retrieval.search(reader, shelf, "wing speed water", top_k=100).hits

    for top_k in range(1, len(many)):
        assert retrieval.search(reader, shelf, "wing speed water", top_k=top_k).hits == many[:top_k]


@pytest.mark.parametrize(("top_k", "most"), [(0, 1), (-5, 1), (2, 2), (1000, 100)])
def test_top_k_is_kept_within_its_bounds(shelf, reader, top_k, most):
    assert 0 < len(retrieval.search(reader, shelf, "wing", top_k=top_k).hits) <= most


def test_the_trace_has_the_time_of_each_stage(shelf, reader):
    trace = retrieval.search(reader, shelf, "wing").trace

    assert trace["query"] == "wing"
    assert set(trace["ms"]) == {"total", "lexical", "embed", "dense", "fetch"}
    assert trace["found"] == {"lexical": 2, "dense": 6}
    assert trace["dense_weight"] == 0.25
    json.dumps(trace)


def test_hybrid_finds_a_chunk_without_a_vector_by_words(workspace, reader, indexed):
    document = indexed(workspace, "wings.txt", "The wing stalls.")
    Chunk.objects.get(document=document).embeddings.all().delete()

    assert names(retrieval.search(reader, workspace, "wing")) == ["wings.txt"]


class _Broken:
    """A source whose embedding model cannot be reached."""

    id, dimensions = "broken/model", 256

    def embedding_model(self, name):
        return self

    def embed_query(self, text):
        raise ProviderUnavailable("Nobody is there.")


@pytest.fixture
def broken(shelf):
    shelf.embedding_model = "broken/model"
    shelf.save()
    from ingestion.models import EmbeddingSpace

    EmbeddingSpace.objects.create(model="broken/model", dimensions=256)
    with registry.connected("broken", _Broken()):
        yield shelf


def test_without_its_embedding_model_hybrid_search_goes_on_by_words(broken, reader):
    result = retrieval.search(reader, broken, "bread")

    assert names(result) == ["bread.txt"]
    assert result.trace["dense_error"] == {
        "code": "provider_unavailable",
        "message": "Nobody is there.",
    }


def test_without_its_embedding_model_dense_search_says_so(broken, reader):
    with pytest.raises(ProviderUnavailable):
        retrieval.search(reader, broken, "bread", mode="dense")


def test_an_embedding_model_that_is_no_more_is_noted_too(shelf, reader):
    shelf.embedding_model = "gone/model"

    assert (
        retrieval.search(reader, shelf, "bread").trace["dense_error"]["code"] == "model_not_found"
    )


def test_the_number_of_queries_does_not_grow_with_documents(
    shelf, reader, indexed, django_assert_max_num_queries
):
    for number in range(12):
        indexed(shelf, f"wing{number}.txt", f"The wing number {number}.")

    with django_assert_max_num_queries(18):
        found = retrieval.search(reader, shelf, "wing number", top_k=20)

    assert len(found.hits) >= 12


def test_only_asked_for_is_anything_left_out(workspace, reader, indexed):
    for number in range(3):
        indexed(
            workspace,
            f"copy{number}.txt",
            "The wing stalls at sixteen degrees.",
            "The wing is long.",
        )

    plain = retrieval.search(reader, workspace, "wing", top_k=20)
    folded = retrieval.search(reader, workspace, "wing", top_k=20, selection=Selection(fold=True))

    assert len(plain.hits) == 6
    assert [hit.text for hit in folded.hits] == [
        "The wing is long.",
        "The wing stalls at sixteen degrees.",
    ]


def test_a_prompt_gets_nothing_twice_and_no_more_than_the_workspace_says(
    workspace, reader, indexed
):
    workspace.top_k = 3
    for number in range(6):
        indexed(
            workspace,
            f"{number}.txt",
            "The wing stalls at sixteen degrees.",
            f"The wing has length {number * 11}.",
        )

    hits = retrieval.search_for_prompt(reader, workspace, "wing").hits

    assert len(hits) == 3
    assert len({hit.text for hit in hits}) == 3


def test_a_document_not_ready_is_not_found(workspace, reader):
    make_document(workspace, "empty.txt")

    assert retrieval.search(reader, workspace, "empty").hits == ()
