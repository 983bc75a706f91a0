import asyncio
import time
from itertools import groupby

import pytest
from django.db import OperationalError
from support.conversations import ASKED, ask, events_of, kinds, row_of, until
from support.scripted_model import ID

from chat import answering
from chat.answering import context, runner
from chat.api.serializers import message_json
from chat.exceptions import NothingHere, TooManyAnswers, UnknownModel
from chat.models import Citation, Message
from providers.exceptions import ProviderUnavailable
from providers.protocols import Done, Reasoning
from web.database import in_database
from web.ids import new_id

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


async def test_a_citation_is_a_snapshot_of_the_passage(conversation, model):
    model.script = ["Lift grows with the square of the speed [1]. Again [1]. And [77]."]

    end = (await events_of(await ask(conversation)))[-1]

    (citation,) = end["citations"]
    assert citation["n"] == 1
    assert citation["document"]["name"] == "Wings.pdf"
    assert citation["quote"] == "Lift grows with the square of the speed."
    assert citation["text"].startswith("Lift grows")
    assert (citation["headings"], citation["page_from"], citation["page_to"]) == (["Lift"], 3, 4)
    assert citation["boxes"] == [[3, 0.1, 0.8, 0.9, 1.0], [4, 0.1, 0.1, 0.9, 0.2]]
    assert citation["support"] == 1.0
    assert end["text"] == "Lift grows with the square of the speed [1]. Again [1]. And."


async def test_the_citation_outlives_its_document(conversation, model):
    model.script = ["Lift grows [1]."]
    await (await ask(conversation)).ended()

    await in_database(lambda: [d.delete() for d in conversation.workspace.documents.all()])()

    citation = await in_database(Citation.objects.get)()
    assert (citation.document_id, citation.document_name) == (None, "Wings.pdf")


async def test_a_document_deleted_while_the_answer_is_written_is_cited_by_name(conversation, model):
    gate = asyncio.Event()
    model.script = ["Lift grows [1].", gate]
    answer = await ask(conversation)
    await until(lambda: answer.draft.citations)

    await in_database(lambda: [d.delete() for d in conversation.workspace.documents.all()])()
    gate.set()

    (citation,) = (await answer.ended())["citations"]
    assert citation["document"] == {"id": None, "name": "Wings.pdf"}


async def test_question_and_answer_rows_exist_before_the_model_is_called(
    conversation, model, monkeypatch
):
    model.script = [asyncio.Event()]

    answer = await ask(conversation)

    question, reply = await in_database(list)(Message.objects.order_by("id"))
    assert (question.role, question.text, question.status) == ("user", ASKED, "done")
    assert (reply.role, reply.status, reply.parent_id) == ("assistant", "streaming", question.pk)
    answer.stop()
    await answer.ended()


async def test_the_first_question_becomes_the_title(conversation, model):
    await (await ask(conversation)).ended()
    await (await ask(conversation, "And drag?")).ended()

    await in_database(conversation.refresh_from_db)()
    assert conversation.title == ASKED


async def test_the_model_receives_the_previous_turn(conversation, model):
    model.script = ["Lift grows [1]."]
    first = await ask(conversation)
    await first.ended()

    second = await ask(conversation, "And lift at stall?")
    await second.ended()

    said = [(turn.role, turn.text) for turn in model.requests[-1].messages[1:3]]
    assert said == [("user", ASKED), ("assistant", "Lift grows.")]
    question = await in_database(Message.objects.get)(children=second.request.id)
    assert question.parent_id == first.request.id


async def test_questions_without_an_answer_are_left_out_of_the_history(conversation, model):
    model.script = [RuntimeError("boom")]
    await (await ask(conversation)).ended()
    model.script = ["Lift grows."]
    await (await ask(conversation)).ended()
    await (await ask(conversation, "And lift at stall?")).ended()

    said = [(turn.role, turn.text) for turn in model.requests[-1].messages[1:-1]]
    assert said == [("user", ASKED), ("assistant", "Lift grows.")]


async def test_a_question_with_an_earlier_parent_branches_the_history(conversation, model):
    first = await ask(conversation)
    await first.ended()
    await (await ask(conversation, "Lift on Mars?")).ended()

    other = await ask(conversation, "Lift on Venus?", parent=first.request.id)
    await other.ended()

    assert "Mars" not in str(model.requests[-1].messages)


async def test_a_parent_from_another_conversation_is_not_found(conversation, model):
    with pytest.raises(NothingHere):
        await ask(conversation, parent=new_id())

    assert not await in_database(Message.objects.exists)()


async def test_an_unknown_model_is_refused_and_no_message_is_stored(conversation, model):
    with pytest.raises(UnknownModel):
        await ask(conversation, model="nowhere/nothing")

    assert not await in_database(Message.objects.exists)()


async def test_a_model_may_be_chosen_for_one_question(conversation, model):
    end = await (await ask(conversation, model="builtin/extractive")).ended()

    assert end["model"] == "builtin/extractive"
    assert "Lift grows with the square of the speed" in end["text"]
    assert end["citations"][0]["document"]["name"] == "Wings.pdf"


async def test_chinese_is_answered_in_chinese(conversation, model):
    end = await (
        await ask(conversation, "机翼在什么攻角失速？", model="builtin/extractive")
    ).ended()

    assert "十六度" in end["text"]
    assert end["citations"][0]["document"]["name"] == "机翼.txt"


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


async def test_stopping_an_answer_that_has_ended_changes_nothing(conversation, model):
    answer = await ask(conversation)
    await answer.ended()

    assert await answering.stop(conversation, str(answer.request.id)) == []
    assert (await in_database(row_of)(answer)).status == "done"


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

    monkeypatch.setattr(context.retrieval, "search_for_prompt", broken)

    end = await (await ask(conversation)).ended()

    assert (end["status"], end["error"]["code"]) == ("failed", "database_unavailable")
    assert await in_database(Message.objects.filter(role="user", text=ASKED).exists)()


async def test_another_process_stops_an_answer_through_its_row(conversation, model, monkeypatch):
    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.02)
    model.script = ["Lift", asyncio.Event()]
    answer = await ask(conversation)
    monkeypatch.setattr(runner, "_answers", {})

    await answering.stop(conversation)

    assert (await answer.ended())["status"] == "stopped"


async def test_deleting_the_conversation_ends_its_answers(conversation, model, monkeypatch):
    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.02)
    model.script = ["Lift", asyncio.Event()]
    answer = await ask(conversation)
    await until(lambda: answer.draft.text)

    await in_database(conversation.delete)()

    assert (await answer.ended())["text"] == "Lift"


async def test_answers_beyond_the_limit_are_refused_until_one_ends(conversation, model, settings):
    settings.ANSWERS_AT_ONCE = 2
    model.script = [asyncio.Event()]
    running_now = [await ask(conversation), await ask(conversation)]

    with pytest.raises(TooManyAnswers):
        await ask(conversation)

    assert set(await answering.stop(conversation)) == {
        str(answer.request.id) for answer in running_now
    }
    for answer in running_now:
        await answer.ended()
    model.script = ["Free again."]
    await (await ask(conversation)).ended()


async def test_fast_deltas_are_joined_without_loss(conversation, model):
    model.script = [f"word{n} " for n in range(5_000)]

    events = await events_of(await ask(conversation))

    assert events[-1]["text"] == "".join(model.script)
    assert len(events) < 200


async def test_slow_deltas_are_sent_at_once(conversation, model):
    model.script = [part for n in range(10) for part in (f"word{n} ", 0.05)]

    events = await events_of(await ask(conversation))

    assert kinds(events).count("answer.delta") >= 10


async def test_nul_and_lone_surrogates_are_removed(conversation, model):
    model.script = ["Li\x00ft \ud83d", Reasoning("\x00\udc00"), "\U0001f600"]

    end = await (await ask(conversation)).ended()

    assert end["text"] == "Lift \ufffd\U0001f600"
    assert end["reasoning"] == "\ufffd"


async def test_no_database_connection_is_held_while_the_model_streams(conversation, model):
    model.script = ["Lift", asyncio.Event()]
    answer = await ask(conversation)
    await until(lambda: answer.draft.text)

    held = [await in_database(_connections)() for _look in range(10)]
    assert min(held) == 1  # The one that counts.
    answer.stop()
    await answer.ended()


def _connections() -> int:
    from django.db import connection

    ours = "datname = current_database() AND backend_type = 'client backend'"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {ours}")
        return cursor.fetchone()[0] - 1  # That of the test itself.


async def test_shutdown_interrupts_answers_and_saves_their_text(conversation, model):
    model.script = ["Lift grows", asyncio.Event()]
    answer = await ask(conversation)
    await until(lambda: answer.draft.text)

    await answering.shut_down()

    row = await in_database(row_of)(answer)
    assert (row.status, row.text) == ("interrupted", "Lift grows")


async def test_the_model_of_the_workspace_answers_by_default(conversation, model):
    assert (await (await ask(conversation)).ended())["model"] == ID


async def test_a_citation_quotes_the_sentences_of_all_its_claims(conversation, model):
    model.script = [
        "Lift grows with the square of the speed [1]. ",
        "It is measured in newtons [1][1].",
    ]
    answer = await ask(conversation, "How does lift grow with the square of speed, in newtons?")

    events = await events_of(answer)

    quotes = [event["quote"] for event in events if event["type"] == "citation"]
    assert quotes == [
        "Lift grows with the square of the speed.",
        "Lift grows with the square of the speed. It is measured in newtons.",
    ]
    (citation,) = events[-1]["citations"]
    assert citation["quote"] == quotes[-1]
