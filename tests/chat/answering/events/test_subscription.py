"""Event logs, followers in any process, and orphaned answers."""

import asyncio
import threading
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from support.conversations import ask
from support.factories import make_message
from support.model_server import make_connection

from chat import answering
from chat.answering import runner
from chat.answering.events.event_log import EventLog
from chat.answering.lifespan import lifespan
from chat.answering.storage import answer_store
from chat.models import Message
from chat.tasks import maintain_answers
from providers.openai_compatible import client
from web.database import in_database

ASKED = "How does lift grow with speed?"


async def followed(message, after=0):
    return [event async for event in answering.follow(str(message), after)]


def kinds(events):
    return [event["type"] for event in events]


def make_answer(conversation, text="Lift grows", *, silent=0.0, **fields):
    question = make_message(conversation, ASKED)
    answer = make_message(conversation, text, role="assistant", parent=question, **fields)
    Message.objects.filter(pk=answer.pk).update(heard_of=timezone.now() - timedelta(seconds=silent))
    return answer


async def test_every_reader_gets_every_event():
    log = EventLog("m")

    async def read(pause):
        seen = []
        async for event in log.after(0):
            seen.append(event["seq"])
            await asyncio.sleep(pause)
        return seen

    readers = [asyncio.create_task(read(pause)) for pause in (0, 0.001, 0.01)]
    for n in range(50):
        log.append("answer.delta", text=str(n))
        await asyncio.sleep(0)
    log.end(text="")

    assert await asyncio.gather(*readers) == [list(range(1, 52))] * 3


async def test_a_reader_gets_the_events_after_its_cursor():
    log = EventLog("m")
    for n in range(3):
        log.append("answer.delta", text=str(n))
    log.end()

    assert [event["seq"] async for event in log.after(2)] == [3, 4]
    assert [event async for event in log.after(4)] == []


@pytest.mark.django_db(transaction=True)
class TestFollowing:
    async def test_a_second_reader_gets_the_same_events(self, conversation, model):
        answer = await ask(conversation, ASKED)
        first = await followed(answer.request.id)

        assert await followed(answer.request.id) == first
        assert await followed(answer.request.id, after=3) == first[3:]

    async def test_a_cursor_at_the_end_gets_the_last_event_again(self, conversation, model):
        answer = await ask(conversation, ASKED)
        events = await followed(answer.request.id)

        assert await followed(answer.request.id, after=events[-1]["seq"]) == events[-1:]

    async def test_a_cursor_from_before_a_restart_gets_a_snapshot_and_later_events(
        self, conversation, model
    ):
        gate = asyncio.Event()
        model.script = ["Lift grows [1].", gate, " And so on."]
        answer = await ask(conversation, ASKED)
        async for event in answer.log.after(0):
            if event["type"] == "citation":
                break
        await asyncio.sleep(0.1)
        following = asyncio.create_task(followed(answer.request.id, after=1000))
        await asyncio.sleep(0.05)
        gate.set()

        snapshot, *rest = await following

        assert (snapshot["type"], snapshot["text"]) == ("message.snapshot", "Lift grows [1].")
        assert [citation["n"] for citation in snapshot["citations"]] == [1]
        assert [event["seq"] for event in rest] == list(
            range(snapshot["seq"] + 1, snapshot["seq"] + 1 + len(rest))
        )
        assert kinds(rest)[-1] == "message.done"

    async def test_an_old_answer_is_followed_as_a_snapshot_and_its_end(self, conversation, model):
        answer = await ask(conversation, ASKED)
        end = (await followed(answer.request.id))[-1]
        runner._answers.clear()

        snapshot, done = await followed(answer.request.id, after=2)

        assert (snapshot["type"], snapshot["text"], snapshot["reasoning"]) == (
            "message.snapshot",
            "Scripted.",
            "",
        )
        assert done == end
        assert done["seq"] == snapshot["seq"] + 1

    async def test_an_orphaned_answer_is_ended_as_interrupted(self, conversation):
        answer = await in_database(make_answer)(
            conversation, status="streaming", seq=7, silent=60.0
        )

        snapshot, done = await followed(answer.pk)

        assert (snapshot["seq"], snapshot["text"]) == (7, "Lift grows")
        assert (done["seq"], done["status"], done["text"]) == (8, "interrupted", "Lift grows")

    async def test_an_answer_of_another_process_is_followed_by_its_row(
        self, conversation, monkeypatch
    ):
        monkeypatch.setattr("chat.answering.events.subscription.ROW_POLL_SECONDS", 0.02)
        answer = await in_database(make_answer)(conversation, status="streaming", seq=5)
        row = Message.objects.filter(pk=answer.pk)
        following = asyncio.create_task(followed(answer.pk))
        await asyncio.sleep(0.1)
        await in_database(row.update)(text="Lift grows with speed", seq=9)
        await asyncio.sleep(0.1)
        await in_database(row.update)(text="Lift grows with speed.", seq=12, status="done")

        events = await following

        assert kinds(events) == [*["message.snapshot"] * 3, "message.done"]
        assert [event["seq"] for event in events] == [5, 9, 11, 12]

    async def test_a_deleted_answer_has_no_more_events(self, conversation, monkeypatch):
        monkeypatch.setattr("chat.answering.events.subscription.ROW_POLL_SECONDS", 0.02)
        answer = await in_database(make_answer)(conversation, status="streaming")
        following = asyncio.create_task(followed(answer.pk))
        await asyncio.sleep(0.1)

        await in_database(answer.delete)()

        assert kinds(await following) == ["message.snapshot"]


@pytest.mark.django_db
class TestOrphans:
    def test_only_orphaned_answers_are_interrupted(self, conversation):
        dead = make_answer(conversation, status="streaming", seq=4, silent=7)
        alive = make_answer(conversation, status="streaming", silent=1)
        final = make_answer(conversation, status="done", silent=1000)

        assert answer_store.interrupt_orphans() == 1

        for answer in (dead, alive, final):
            answer.refresh_from_db()
        assert (dead.status, dead.text, dead.seq) == ("interrupted", "Lift grows", 5)
        assert (alive.status, final.status) == ("streaming", "done")

    def test_slow_answers_of_this_process_are_not_interrupted(self, conversation):
        slow = make_answer(conversation, status="streaming", silent=100)

        assert answer_store.interrupt_orphans(except_for=[str(slow.pk)]) == 0

    def test_the_sweep_is_a_task_of_the_maintenance_worker(self, conversation, settings):
        make_answer(conversation, status="streaming", silent=100)

        maintain_answers()

        assert Message.objects.filter(status="interrupted").count() == 1
        from config.celery import app

        assert maintain_answers.name in app.conf.timetable


@pytest.mark.django_db(transaction=True)
async def test_a_server_interrupts_orphans_and_saves_its_answers_at_shutdown(
    conversation, model, monkeypatch
):
    monkeypatch.setattr("chat.answering.lifespan.SWEEP_INTERVAL_SECONDS", 0.05)
    before = await in_database(make_answer)(conversation, status="streaming", silent=5.9)
    received, sent = asyncio.Queue(), asyncio.Queue()
    server = asyncio.create_task(lifespan({"type": "lifespan"}, received.get, sent.put))
    await received.put({"type": "lifespan.startup"})
    assert (await sent.get())["type"] == "lifespan.startup.complete"
    model.script = ["Lift grows", asyncio.Event()]
    answer = await ask(conversation, ASKED)
    await asyncio.sleep(0.5)
    # An unsaved answer of this server is no orphan.
    await in_database(Message.objects.filter(pk=answer.request.id).update)(
        heard_of=F("heard_of") - timedelta(seconds=9)
    )
    await asyncio.sleep(0.2)
    assert not answer.log.ended

    await received.put({"type": "lifespan.shutdown"})
    assert (await sent.get())["type"] == "lifespan.shutdown.complete"
    await server

    statuses = await in_database(dict)(
        Message.objects.filter(role="assistant").values_list("pk", "status")
    )
    assert statuses == {before.pk: "interrupted", answer.request.id: "interrupted"}
    assert (await in_database(Message.objects.get)(pk=answer.request.id)).text == "Lift grows"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "times"), [("openai", 1), ("ollama", 0)])
async def test_a_server_loads_the_openai_library_for_its_connections(kind, times, monkeypatch):
    loads = []
    monkeypatch.setattr("chat.answering.lifespan.OPENAI_LOAD_DELAY_SECONDS", 0.2)
    monkeypatch.setattr(client, "load", lambda: loads.append(threading.current_thread()))
    await in_database(make_connection)("Lab", kind=kind, base_url="http://127.0.0.1:1")
    received, sent = asyncio.Queue(), asyncio.Queue()
    server = asyncio.create_task(lifespan({"type": "lifespan"}, received.get, sent.put))
    await received.put({"type": "lifespan.startup"})
    await sent.get()
    assert loads == []

    await asyncio.sleep(0.6)
    await received.put({"type": "lifespan.shutdown"})
    await server

    assert len(loads) == times
    assert threading.current_thread() not in loads
