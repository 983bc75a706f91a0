"""The REST API of conversations and their messages, of search, and of models."""

import pytest
from support.factories import make_conversation, make_message

from chat.models import Conversation
from chat.services import title_from


class TestConversations:
    @pytest.fixture
    def path(self, workspace):
        return f"/api/v1/workspaces/{workspace.slug}/conversations/"

    def test_a_viewer_creates_renames_and_deletes_a_conversation(
        self, call, reader, workspace, path
    ):
        client = call(reader)

        made = client.post(path, {"title": "Wings"})
        detail = f"/api/v1/conversations/{made.json()['id']}/"
        renamed = client.patch(detail, {"title": " Tails "})
        listed = client.get(path).json()["results"]

        assert made.status_code == 201
        assert made.json()["workspace"] == workspace.slug
        assert renamed.json()["title"] == "Tails"
        assert listed == [client.get(detail).json()]
        assert client.delete(detail).status_code == 204
        assert client.get(detail).status_code == 404

    def test_a_conversation_may_be_created_without_a_title(self, call, reader, path):
        assert call(reader).post(path, {}).json()["title"] == ""

    @pytest.mark.parametrize("title", ["x" * 201, 7, None, ["a"], "a\x00b"])
    def test_an_invalid_title_is_a_problem(self, call, reader, path, title):
        response = call(reader).post(path, {"title": title})

        assert (response.status_code, response.json()["code"]) == (400, "invalid")
        assert "title" in response.json()["errors"]

    def test_only_its_owner_sees_a_conversation(self, call, owner, reader, admin, workspace, path):
        conversation = make_conversation(workspace, owner)
        detail = f"/api/v1/conversations/{conversation.pk}/"

        assert call(reader).get(path).json()["results"] == []
        for user in (reader, admin):
            client = call(user)
            assert {client.get(detail).status_code, client.delete(detail).status_code} == {404}
            assert client.patch(detail, {"title": "Mine"}).status_code == 404

    def test_query_count_of_the_list_does_not_grow_with_rows(
        self, call, owner, workspace, path, django_assert_max_num_queries
    ):
        for _number in range(20):
            make_conversation(workspace, owner)
        client = call(owner)

        with django_assert_max_num_queries(5):
            assert len(client.get(path).json()["results"]) == 20


class TestMessages:
    def test_messages_are_paged_oldest_first(
        self, call, owner, workspace, django_assert_max_num_queries
    ):
        conversation = make_conversation(workspace, owner)
        texts = [make_message(conversation, str(n)).text for n in range(5)]
        client = call(owner)

        with django_assert_max_num_queries(6):
            first = client.get(
                f"/api/v1/conversations/{conversation.pk}/messages/?page_size=3"
            ).json()
        second = client.get(first["next"]).json()

        assert [row["text"] for row in first["results"] + second["results"]] == texts

    def test_a_question_has_all_members_of_a_message(self, call, owner, workspace):
        conversation = make_conversation(workspace, owner)
        make_message(conversation, "Why?")

        (row,) = (
            call(owner).get(f"/api/v1/conversations/{conversation.pk}/messages/").json()["results"]
        )

        assert set(row) >= {
            *(
                "id",
                "parent",
                "role",
                "text",
                "reasoning",
                "status",
                "error",
                "citations",
                "usage",
                "model",
                "ms",
                "created",
            )
        }
        assert (row["error"], row["citations"], row["usage"], row["parent"]) == (
            None,
            [],
            None,
            None,
        )


class TestSearch:
    @pytest.fixture
    def path(self, library):
        return f"/api/v1/workspaces/{library.slug}/search/"

    def test_hits_have_text_place_and_ranks(self, call, reader, path):
        answer = call(reader).post(path, {"query": "stall angle of attack", "top_k": 1}).json()

        (hit,) = answer["hits"]
        assert set(hit) == {
            "chunk",
            "document",
            "text",
            "headings",
            "page_from",
            "page_to",
            "score",
            "ranks",
        }
        assert hit["document"]["name"] == "Wings.pdf"
        assert (hit["headings"], hit["page_from"], hit["page_to"]) == (["Lift"], 3, 4)
        assert set(hit["ranks"]) == {"dense", "lexical", "document", "rerank"}
        assert hit["ranks"]["lexical"] == 1
        assert answer["trace"]["query"] == "stall angle of attack"
        assert answer["trace"]["ms"]["total"] >= 0

    @pytest.mark.parametrize("query", ["", "  ", "\u200b", "?!"])
    def test_a_query_without_words_has_no_hits(self, call, reader, path, query):
        assert call(reader).post(path, {"query": query}).json()["hits"] == []

    @pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
    def test_each_mode_answers(self, call, reader, path, mode):
        assert call(reader).post(path, {"query": "lift", "mode": mode}).status_code == 200

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "query"),
            ({"query": "\x00"}, "query"),
            ({"query": 3}, "query"),
            ({"query": "a", "top_k": 0}, "top_k"),
            ({"query": "a", "top_k": 101}, "top_k"),
            ({"query": "a", "top_k": "many"}, "top_k"),
            ({"query": "a", "mode": "psychic"}, "mode"),
            ({"query": "a", "floor": 2}, "floor"),
            ({"query": "a", "per_document": 0}, "per_document"),
        ],
    )
    def test_an_invalid_search_is_reported_on_its_field(self, call, reader, path, body, field):
        response = call(reader).post(path, body)

        assert (response.status_code, response.json()["code"]) == (400, "invalid")
        assert list(response.json()["errors"]) == [field]

    @pytest.mark.parametrize("body", ["{", "[" * 100_000, "\xff", "[1]", "null"])
    def test_a_body_that_is_no_json_object_is_a_problem(self, call, reader, path, body):
        response = call(reader).generic("POST", path, body, content_type="application/json")

        assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_permitted_models_are_listed(call, reader):
    models = {
        model["id"]: model["kind"]
        for model in call(reader).get("/api/v1/models/").json()["results"]
    }

    assert models.items() >= {"builtin/extractive": "chat", "builtin/static": "embedding"}.items()


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How  does\nlift grow?", "How does lift grow?"),
        ("word " * 30, ("word " * 16).strip() + "…"),
        ("字" * 100, "字" * 80 + "…"),
        ("x" * 100, "x" * 80 + "…"),
    ],
)
def test_a_title_is_the_beginning_of_the_question(question, title):
    assert title_from(question) == title
    assert len(title) <= Conversation._meta.get_field("title").max_length
