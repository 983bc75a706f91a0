"""The task of one answer: its events, its end after failures and stops."""

import asyncio
import time
from itertools import groupby

import pytest
from django.db import OperationalError
from support.conversations import ASKED, ask, events_of, kinds, row_of, until

from chat import answering
from chat.answering import generation, runner
from chat.api.serializers import message_json
from chat.models import Message
from providers.exceptions import ProviderUnavailable
from providers.protocols import Done, Reasoning
from web.database import in_database

pytestmark = pytest.mark.django_db(transaction=True)


async def test_an_answer_sends_numbered_events_and_ends_with_its_message(conversation, model):
    model.script = [Reasoning("Let me see."), "Lift grows ", "with the square [", 0.1, "1]."]

    events = await events_of(await ask(conversation))

    assert [kind for kind, _same in groupby(kinds(events))] == [
        "message.started",
        "search.started",
        "search.done",
        "reasoning.delta",
        "answer.delta",
        "citation",
        "answer.delta",
        "message.done",
    ]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len({event["message"] for event in events}) == 1
    assert (
        "".join(event["text"] for event in events if event["type"] == "answer.delta")
        == events[-1]["text"]
    )


async def test_the_last_event_equals_the_message_of_the_rest_api(conversation, model):
    model.script = [Reasoning("Hm."), "Lift grows with the square of the speed [1]."]

    answer = await ask(conversation)
    end = (await events_of(answer))[-1]

    stored = message_json(await in_database(row_of)(answer))
    assert {
        key: value for key, value in end.items() if key not in {"type", "message", "seq"}
    } == stored
    assert stored["status"] == "done"
    assert stored["usage"] == {"prompt_tokens": 7, "completion_tokens": 3}
    assert stored["reasoning"] == "Hm."
    assert stored["ms"] >= 0


async def test_stop_keeps_the_text_and_takes_less_than_half_a_second(conversation, model):
    model.script = ["Lift grows [1", asyncio.Event()]
    answer = await ask(conversation)
    await until(lambda: answer.draft.text)

    began = time.monotonic()
    stopped = await answering.stop(conversation, str(answer.request.id))
    end = await answer.ended()

    assert time.monotonic() - began < 0.5
    assert stopped == [str(answer.request.id)]
    assert (end["status"], end["text"], end["error"]) == ("stopped", "Lift grows [1", None)
    assert model.closed == 1


async def test_a_model_that_ignores_cancellation_is_stopped(conversation, deaf_model):
    deaf_model.script = ["Lift "]
    answer = await ask(conversation)
    await until(lambda: answer.draft.text)

    began = time.monotonic()
    await answering.stop(conversation)
    end = await answer.ended()

    assert time.monotonic() - began < 0.5
    assert (end["status"], end["text"]) == ("stopped", "Lift ")
    await asyncio.sleep(0.2)
    assert answer.log.events[-1]["type"] == "message.done"
    assert answer.draft.text == "Lift "


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ([ProviderUnavailable("The model server is away.")], "provider_unavailable", ""),
        (
            ["Lift ", ProviderUnavailable("The model server is away.")],
            "provider_unavailable",
            "Lift ",
        ),
        (["Lift ", RuntimeError("boom")], "server_error", "Lift "),
        ([Done()], "empty_answer", ""),
        ([Reasoning("I think, therefore"), Done()], "empty_answer", ""),
        (["Lift ", 17], "empty_answer", None),
        (["x" * 400_000, "y" * 200_000], "answer_too_long", "x" * 400_000),
        ([Reasoning("x" * 400_000), 0.1, Reasoning("y" * 200_000), "Lift"], "answer_too_long", ""),
    ],
    ids=[
        "at once",
        "in the middle",
        "a bug",
        "nothing",
        "only thought",
        "garbage",
        "endless",
        "endless thought",
    ],
)
async def test_a_failing_model_fails_the_answer_and_keeps_its_text(
    conversation, model, script, code, said
):
    model.script = script
    if said is None:
        code, said, script[1] = "server_error", "Lift ", Reasoning(None)

    events = await events_of(await ask(conversation))

    end = events[-1]
    assert kinds(events)[-2:] == ["error", "message.done"]
    assert (end["status"], end["error"]["code"], end["text"]) == ("failed", code, said)
    assert events[-2]["code"] == code
    assert end["error"]["message"].count(".") >= 1
    model.script = ["Now it works."]
    assert (await (await ask(conversation)).ended())["status"] == "done"


async def test_a_failed_search_fails_the_answer_and_keeps_the_question(
    conversation, model, monkeypatch
):
    def broken(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(generation.retrieval, "search_for_prompt", broken)

    end = await (await ask(conversation)).ended()

    assert (end["status"], end["error"]["code"]) == ("failed", "database_unavailable")
    assert await in_database(Message.objects.filter(role="user", text=ASKED).exists)()


async def test_deleting_the_conversation_ends_its_answers(conversation, model, monkeypatch):
    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.02)
    model.script = ["Lift", asyncio.Event()]
    answer = await ask(conversation)
    await until(lambda: answer.draft.text)

    await in_database(conversation.delete)()

    assert (await answer.ended())["text"] == "Lift"


async def test_no_database_connection_is_held_while_the_model_streams(conversation, model):
    model.script = ["Lift", asyncio.Event()]
    answer = await ask(conversation)
    await until(lambda: answer.draft.text)

    held = [await in_database(_connections)() for _look in range(10)]
    assert min(held) == 1  # The connection of the query.
    answer.stop()
    await answer.ended()


def _connections() -> int:
    from django.db import connection

    ours = "datname = current_database() AND backend_type = 'client backend'"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {ours}")
        return cursor.fetchone()[0] - 1  # The connection of the test.
