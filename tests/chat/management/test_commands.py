"""The commands `search` and `ask`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from support.factories import make_group, make_workspace

from chat.models import Message
from workspaces.models import Membership, Role


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


class TestSearch:
    def test_hits_are_printed_with_document_page_and_heading(self, library):
        said = run("search", "stall angle", "--workspace", library.slug)

        assert said.startswith("1. Wings.pdf, pages 3–4 › Lift")

    def test_the_json_equals_the_api_response(self, library, call, owner):
        found = json.loads(run("search", "stall angle", "--workspace", library.slug, "--json"))

        asked = (
            call(owner)
            .post(f"/api/v1/workspaces/{library.slug}/search/", {"query": "stall angle"})
            .json()
        )
        assert found["hits"] == asked["hits"]

    def test_a_search_without_hits_prints_a_message(self, library):
        assert (
            run("search", "zzzz", "--workspace", library.slug, "--mode", "lexical")
            == "No results\n"
        )


@pytest.mark.django_db(transaction=True)
class TestAsk:
    def test_the_answer_is_printed_with_its_sources(self, library):
        said = run("ask", "How does lift grow with speed?", "--workspace", library.slug)

        assert "Lift grows with the square of the speed. [1]" in said
        assert (
            "[1] Wings.pdf, pages 3–4 › Lift\n    Lift grows with the square of the speed." in said
        )
        assert not Message.objects.exists()

    def test_the_json_is_the_message(self, library):
        answer = json.loads(
            run("ask", "How does lift grow?", "--workspace", library.slug, "--json")
        )

        assert (answer["status"], answer["citations"][0]["document"]["name"]) == (
            "done",
            "Wings.pdf",
        )

    def test_a_failed_answer_fails_the_command(self, conversation, model):
        model.script = [RuntimeError("boom")]

        with pytest.raises(CommandError):
            run("ask", "How does lift grow?", "--workspace", conversation.workspace.slug)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command", ["search", "ask"])
class TestWhoAsks:
    def test_an_unknown_workspace_is_a_command_error(self, command):
        with pytest.raises(CommandError, match="There is no workspace “nowhere”"):
            run(command, "x", "--workspace", "nowhere")

    def test_a_stranger_is_refused(self, command, library, stranger):
        with pytest.raises(CommandError, match="not a member"):
            run(command, "x", "--workspace", library.slug, "--user", stranger.email)

    def test_an_owner_through_a_group_is_the_default_user(self, command, owner):
        workspace = make_workspace("Grouped")
        Membership.objects.create(
            workspace=workspace, group=make_group(members=(owner,)), role=Role.OWNER
        )

        assert run(command, "x", "--workspace", workspace.slug)

    def test_an_empty_question_is_refused(self, command, library):
        with pytest.raises(CommandError):
            run(command, " ", "--workspace", library.slug)
