"""The start page, conversation pages and the search page."""

import pytest
from support.factories import make_conversation, make_document, make_message
from support.scripted_model import Scripted, ScriptedModel

from chat.models import Conversation, Message
from providers.registry import connected


@pytest.fixture
def room(workspace):
    return f"/w/{workspace.slug}/"


class TestPages:
    def test_the_start_page_lists_own_conversations(self, browse, owner, reader, workspace, room):
        make_conversation(workspace, owner, title="About wings")
        make_conversation(workspace, reader, title="Not yours")

        page = browse(owner).get(room).content.decode()

        assert "About wings" in page
        assert "Not yours" not in page

    def test_a_conversation_shows_its_messages(self, browse, owner, workspace, room):
        conversation = make_conversation(workspace, owner)
        question = make_message(conversation, "How <b>much</b>?")
        make_message(
            conversation,
            "Lift.",
            role="assistant",
            parent=question,
            status="failed",
            error_message="It broke.",
        )

        page = browse(owner).get(f"{room}c/{conversation.pk}/").content.decode()

        assert "How &lt;b&gt;much&lt;/b&gt;?" in page
        assert "It broke." in page
        assert f"/ws/conversations/{conversation.pk}/" in page

    def test_query_count_of_a_conversation_does_not_grow_with_messages(
        self, browse, owner, workspace, room, django_assert_max_num_queries
    ):
        conversation = make_conversation(workspace, owner)
        for n in range(30):
            make_message(conversation, str(n), role="assistant" if n % 2 else "user")
        client = browse(owner)

        with django_assert_max_num_queries(12):
            client.get(f"{room}c/{conversation.pk}/")

    def test_a_first_question_creates_a_conversation(self, browse, owner, room, model):
        response = browse(owner).post(f"{room}c/new/", {"text": "How does lift grow?"})

        conversation = Conversation.objects.get()
        assert response.status_code == 302
        assert response["Location"] == f"{room}c/{conversation.pk}/"
        assert conversation.title == "How does lift grow?"
        assert [m.role for m in conversation.messages.all()] == ["user", "assistant"]

    def test_a_question_can_be_posted_without_scripts(
        self, browse, owner, conversation, room, model
    ):
        response = browse(owner).post(
            f"{room}c/{conversation.pk}/", {"text": "How does lift grow?"}
        )

        assert response.status_code == 302
        assert Message.objects.filter(role="user", text="How does lift grow?").exists()

    @pytest.mark.parametrize("text", ["", "  ", "a\x00b", "x" * 40_000])
    def test_an_invalid_question_shows_an_error_and_creates_no_conversation(
        self, browse, owner, room, text
    ):
        client = browse(owner)

        page = client.post(f"{room}c/new/", {"text": text}, follow=True)

        assert page.status_code == 200
        assert len(list(page.context["messages"])) == 1
        assert not Conversation.objects.exists()

    def test_a_refused_question_shows_an_error(
        self, browse, owner, conversation, room, model, settings
    ):
        settings.ANSWERS_AT_ONCE = 0

        page = browse(owner).post(f"{room}c/{conversation.pk}/", {"text": "Why?"}, follow=True)

        assert "limit of simultaneous answers" in str(next(iter(page.context["messages"])))

    def test_a_conversation_is_renamed_and_deleted(self, browse, owner, workspace, room):
        conversation = make_conversation(workspace, owner, title="Old")
        client = browse(owner)

        client.post(f"{room}c/{conversation.pk}/rename/", {"title": " New "})
        conversation.refresh_from_db()
        client.post(f"{room}c/{conversation.pk}/rename/", {"title": " "})

        assert conversation.title == "New"
        assert client.post(f"{room}c/{conversation.pk}/delete/")["Location"] == room
        assert not Conversation.objects.exists()

    def test_the_page_has_forms_to_rename_and_to_delete(self, browse, owner, workspace, room):
        conversation = make_conversation(workspace, owner, title="Old")

        page = browse(owner).get(f"{room}c/{conversation.pk}/").text

        for does in ("rename", "delete"):
            assert f'method="post" action="{room}c/{conversation.pk}/{does}/"' in page
        assert 'name="title" type="text" value="Old"' in page

    @pytest.mark.parametrize("path", ["", "rename/", "delete/"])
    def test_pages_of_other_peoples_conversations_are_not_found(
        self, browse, owner, reader, admin, workspace, room, path
    ):
        conversation = make_conversation(workspace, owner)

        for user in (reader, admin):
            assert (
                browse(user).post(f"{room}c/{conversation.pk}/{path}", {"text": "x"}).status_code
                == 404
            )

    def test_a_conversation_is_found_only_under_its_own_workspace(
        self, browse, owner, conversation
    ):
        from support.factories import make_workspace

        other = make_workspace("Other", owner=owner)

        assert browse(owner).get(f"/w/{other.slug}/c/{conversation.pk}/").status_code == 404


class TestSearchPage:
    def test_passages_are_shown_with_their_document(self, browse, reader, library):
        page = (
            browse(reader)
            .get(f"/w/{library.slug}/search/", {"query": "stall angle"})
            .content.decode()
        )

        assert "Wings.pdf" in page
        assert "16 degrees" in page

    def test_htmx_gets_only_the_results(self, browse, reader, library):
        headers = {"HX-Request": "true", "HX-Target": "search-results"}

        response = browse(reader).get(
            f"/w/{library.slug}/search/", {"query": "lift"}, headers=headers
        )

        assert b"<html" not in response.content
        assert b"Wings.pdf" in response.content

    @pytest.mark.parametrize("query", ["", "   ", "\x00", "zzzz", "<script>", "x" * 5000, "%_'\";"])
    @pytest.mark.parametrize("mode", ["hybrid", "nonsense"])
    def test_any_query_is_answered_with_a_page(self, browse, reader, library, query, mode):
        response = browse(reader).get(f"/w/{library.slug}/search/", {"query": query, "mode": mode})

        assert response.status_code == 200
        assert "<script>x" not in response.content.decode()


class TestModelChoice:
    def test_models_are_offered_if_there_is_a_choice(self, browse, owner, workspace, room):
        make_document(workspace, chunks=("one",))
        assert b"data-model-choice" not in browse(owner).get(room).content

        with connected("scripted", Scripted(ScriptedModel())):
            page = browse(owner).get(room).content.decode()

        assert '<option value="builtin/extractive" selected>' in page
        assert '<option value="scripted/model">' in page
