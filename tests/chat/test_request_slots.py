"""Questions, searches and embeddings take slots by turns among people."""

import asyncio

import pytest
from support.conversation_socket import Socket
from support.factories import make_conversation, make_user

from accounts.services import create_token
from chat import request_slots
from chat.answering import service
from chat.answering.query_rewriting import MAX_EARLIER_CHARS, with_earlier_questions
from chat.models import Message
from chat.openai_api import embeddings
from web.admission import Admission
from web.database import in_database
from workspaces.models import Membership, Role

SECONDS = 5
FULL = Admission(0, 0)


@pytest.mark.django_db
def test_search_beyond_the_queue_is_refused_with_retry_after(
    call, browse, reader, library, monkeypatch
):
    monkeypatch.setattr(request_slots, "search_slots", FULL)

    refused = call(reader).post(f"/api/v1/workspaces/{library.slug}/search/", {"query": "lift"})
    page = browse(reader).get(f"/w/{library.slug}/search/", {"q": "lift"})

    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert refused.json()["code"] == "too_many_requests"
    assert "You have reached the limit of waiting requests." in page.content.decode()


@pytest.mark.django_db
def test_search_with_a_remote_model_uses_no_local_slot(library):
    assert request_slots.slots_for(library) is request_slots.search_slots
    assert (
        request_slots.slots_for(library, rerank="lab/reranker") is request_slots.server_call_slots
    )

    library.embedding_model = "lab/embedder"
    assert request_slots.slots_for(library, rerank=False) is request_slots.server_call_slots


@pytest.mark.django_db
@pytest.mark.parametrize("earlier", [["x" * (MAX_EARLIER_CHARS + 2)], ["x"] * 11])
def test_earlier_questions_are_cut_to_the_length_used_in_answers(call, reader, library, earlier):
    path = f"/api/v1/workspaces/{library.slug}/search/"

    refused = call(reader).post(path, {"query": "it", "earlier": earlier})

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["earlier"])
    used = with_earlier_questions("And it?", ["word " * 4000, "word " * 4000]).earlier
    assert call(reader).post(path, {"query": "it", "earlier": used}).status_code == 200


@pytest.mark.django_db
def test_question_beyond_the_queue_is_refused_and_not_stored(
    call, owner, conversation, model, monkeypatch
):
    monkeypatch.setattr(service, "question_slots", FULL)

    refused = call(owner).post(
        f"/api/v1/conversations/{conversation.pk}/messages/", {"text": "What is lift?"}
    )

    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_embeddings_beyond_the_queue_are_refused_and_release_their_call(call, reader, monkeypatch):
    monkeypatch.setattr(embeddings, "search_slots", FULL)

    refused = call(reader).post("/v1/embeddings", {"model": "builtin/static", "input": "wing"})

    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert refused.json()["error"]["type"] == "rate_limit_error"
    assert not embeddings._calls


@pytest.mark.django_db(transaction=True)
async def test_answers_of_one_person_wait_in_line_without_delaying_other_people(
    conversation, library, owner, model, settings
):
    settings.ANSWERS_PER_PERSON = 1
    gate = asyncio.Event()
    model.script = ["Lift", gate]

    def of(person):
        return make_conversation(library, person), create_token(user=person)[1]

    def another():
        person = make_user("Ann")
        Membership.objects.create(workspace=library, user=person, role=Role.VIEWER)
        return of(person)

    mine, my_token = await in_database(of)(owner)
    theirs, their_token = await in_database(another)()
    async with (
        Socket(conversation, my_token) as first,
        Socket(mine, my_token) as second,
        Socket(theirs, their_token) as third,
    ):
        await first.say(type="ask", text="What is lift?")
        await first.hear_until("answer.delta")
        for socket in (second, third):
            await socket.say(type="ask", text="What is lift?")
        await third.hear_until("answer.delta")
        assert (await second.hear())["type"] == "message.started"
        assert await second.wire.receive_nothing(0.2)

        gate.set()
        assert (await second.hear_until("message.done"))[-1]["status"] == "done"


@pytest.mark.django_db(transaction=True)
async def test_a_waiting_answer_can_be_stopped(conversation, library, owner, model, settings):
    settings.ANSWERS_PER_PERSON = 1
    model.script = ["Lift", asyncio.Event()]
    token = (await in_database(create_token)(user=owner))[1]
    other = await in_database(make_conversation)(library, owner)
    async with Socket(conversation, token) as first, Socket(other, token) as second:
        await first.say(type="ask", text="What is lift?")
        await first.hear_until("answer.delta")
        await second.say(type="ask", text="What is lift?")
        await second.hear_until("message.started")
        await second.say(type="stop")

        assert (await second.hear_until("message.done"))[-1]["status"] == "stopped"
        await first.say(type="stop")
        await first.hear_until("message.done")
