"""The relay: two relays in one test process represent two server processes."""

import asyncio

import pytest
from channels.layers import get_channel_layer
from support.conversations import ask, until
from support.redis_server import running_redis

from chat import answering
from chat.answering import runner
from chat.answering.events import redis_relay as relay
from chat.answering.events.event_log import EventLog
from chat.answering.events.notifications import group_of
from chat.answering.events.redis_relay import Relay
from web.database import in_database

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def redis():
    with running_redis() as server:
        yield server


@pytest.fixture
async def here(redis):
    """The relay of the process that writes answers."""
    relay = Relay(redis.url)
    relay.open()
    yield relay
    await relay.close()


@pytest.fixture
async def there(redis):
    """The relay of another process."""
    relay = Relay(redis.url)
    relay.open()
    yield relay
    await relay.close()


def write(log, *texts):
    for text in texts:
        log.append("answer.delta", text=text)


async def texts_of(log, after=0):
    return [event.get("text") async for event in log.after(after, max_silence=3)]


async def copy_when_there(relay, message):
    """Wait for the stream of an answer and return an open copy."""
    for _try in range(100):
        copying = relay.copy(message)
        if (log := await copying.__aenter__()) is not None:
            return log, copying
        await copying.__aexit__(None, None, None)
        await asyncio.sleep(0.02)
    raise AssertionError("it was never passed on")


async def test_past_and_future_events_arrive_in_order(here, there):
    log = EventLog("m")
    write(log, "a", "b")
    here.add(log, "c")
    copy, copying = await copy_when_there(there, "m")
    reading = asyncio.create_task(texts_of(copy))
    for text in "cdefg":
        write(log, text)
        await asyncio.sleep(0.02)
    log.end(text="abcdefg")

    assert await reading == [*"abcdefg", "abcdefg"]
    assert copy.events == log.events
    await copying.__aexit__(None, None, None)
    assert there._copies == {}


async def test_an_unpublished_answer_has_no_copy(there):
    async with there.copy("unknown") as log:
        assert log is None


async def test_all_events_arrive_after_redis_restarts_empty(here, there, redis, caplog):
    log = EventLog("m")
    write(log, *"abc")
    here.add(log, "c")
    copy, copying = await copy_when_there(there, "m")
    redis.kill()
    write(log, *"de")
    assert await texts_of(copy) == [*"abc"], (
        "a copy breaks off, so that its reader looks at the row"
    )
    await copying.__aexit__(None, None, None)
    async with there.copy("m") as away:
        assert away is None
    await asyncio.sleep(1.2)
    write(log, "f")
    await asyncio.get_running_loop().run_in_executor(None, redis.start)
    log.end(text="abcdef")

    again, copying = await copy_when_there(there, "m")

    assert await texts_of(again, 3) == ["d", "e", "f", "abcdef"]
    await copying.__aexit__(None, None, None)
    assert caplog.text.count("Redis is away") == 2, "once by each process"


async def test_a_lost_stream_is_written_again(here, there, redis):
    log = EventLog("m")
    write(log, *"ab")
    here.add(log, "c")
    copy, copying = await copy_when_there(there, "m")
    await here._redis.delete(relay.stream_of("m"))
    write(log, "c")
    log.end(text="abc")

    assert await texts_of(copy) == ["a", "b", "c", "abc"]
    await copying.__aexit__(None, None, None)


async def test_a_complete_log_is_no_longer_published(here):
    log = EventLog("m")
    log.end()
    here.add(log, "c")
    for _try in range(100):
        if not here._published:
            break
        await asyncio.sleep(0.02)

    assert here._published == {}
    assert not here._has_published.is_set()


async def test_the_sockets_of_another_process_are_notified_of_a_new_answer(here, there):
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(group_of("c"), channel)
    await asyncio.sleep(0.2)
    log = EventLog("m")
    write(log, "a")

    here.add(log, "c")

    async with asyncio.timeout(3):
        assert await layer.receive(channel) == {"type": "answer.begun", "message": "m"}


def test_a_gap_breaks_off_the_copy():
    log = EventLog("m")
    log.take([{"seq": 1, "type": "a"}, {"seq": 2, "type": "a"}])
    log.take([{"seq": 2, "type": "a"}, {"seq": 3, "type": "a"}])
    assert (log.last, log.broken) == (3, False)

    log.take([{"seq": 5, "type": "a"}])

    assert (log.last, log.broken) == (3, True)


@pytest.mark.django_db(transaction=True)
class TestFollowingElsewhere:
    @pytest.fixture(autouse=True)
    async def _processes(self, here, there, monkeypatch):
        """One relay publishes the answers of this process; readers use the copies of the other."""
        begun = {}
        add = runner.run

        def keep(answer):
            begun[str(answer.request.id)] = answer
            add(answer)
            runner._answers.clear()
            here.add(answer.log, str(answer.request.message.conversation_id))

        monkeypatch.setattr(runner, "run", keep)
        monkeypatch.setattr(relay._OpenRelay, "relay", there)
        monkeypatch.setattr(there, "add", lambda log, conversation: None)
        self.begun = begun

    async def test_deltas_and_one_end_arrive_numbered_without_a_gap(self, conversation, model):
        model.script = [
            part for word in ["Lift", "grows", "with", "speed"] for part in (f"{word} ", 0.05)
        ]
        answer = await ask(conversation, "Why?")

        await asyncio.sleep(0.1)

        events = [event async for event in answering.follow(str(answer.request.id))]

        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert [event["type"] for event in events].count("message.done") == 1
        assert events == answer.log.events

    async def test_a_returning_reader_gets_the_missed_events(self, conversation, model):
        gate = asyncio.Event()
        model.script = ["Lift ", 0.1, "grows ", gate, "with speed"]
        answer = await ask(conversation, "Why?")
        await until(lambda: answer.log.last >= 4)
        await asyncio.sleep(0.1)
        asyncio.get_running_loop().call_later(0.3, gate.set)

        events = [event async for event in answering.follow(str(answer.request.id), after=2)]

        assert [event["seq"] for event in events] == list(range(3, len(answer.log.events) + 1))

    async def test_a_reader_gets_the_whole_answer_although_redis_fails(
        self, conversation, model, redis
    ):
        model.script = [part for n in range(60) for part in (f"w{n} ", 0.05)]
        answer = await ask(conversation, "Why?")
        following = asyncio.create_task(self._all(answer))
        await asyncio.sleep(0.8)
        redis.kill()
        await asyncio.sleep(0.8)
        await asyncio.get_running_loop().run_in_executor(None, redis.start)

        events = await following

        numbers = [event["seq"] for event in events]
        assert numbers == sorted(set(numbers))
        kinds = [event["type"] for event in events]
        assert (kinds[-1], kinds.count("message.done")) == ("message.done", 1)
        assert "message.snapshot" in kinds
        assert rebuilt(events) == answer.draft.text == events[-1]["text"]

    async def test_stop_reaches_the_writer_at_once(self, conversation, model, monkeypatch):
        monkeypatch.setattr("chat.answering.runner.SAVE_INTERVAL_SECONDS", 60.0)
        model.script = ["Lift grows", asyncio.Event()]
        answer = await ask(conversation, "Why?")
        await until(lambda: answer.draft.text)
        monkeypatch.setattr("chat.answering.service.runner", EmptyRunner)
        # Both relays share the list of answers; restored, the list is that of the writer.
        runner._answers.update(self.begun)

        await answering.stop(conversation)
        async with asyncio.timeout(1):
            end = await answer.ended()

        assert (end["status"], end["text"]) == ("stopped", "Lift grows")

    async def test_a_missing_end_is_read_from_the_row(self, conversation, model, monkeypatch):
        monkeypatch.setattr("chat.answering.events.subscription.MAX_SILENCE_SECONDS", 0.1)
        gate = asyncio.Event()
        model.script = ["Lift grows", gate]
        answer = await ask(conversation, "Why?")
        following = asyncio.create_task(self._all(answer))
        await asyncio.sleep(0.4)
        row = answer.request.message.__class__.objects.filter(pk=answer.request.id)
        await in_database(row.update)(
            status="interrupted", text="Lift grows", seq=answer.log.last + 1
        )

        events = await following
        gate.set()
        await answer.ended()

        assert (events[-1]["type"], events[-1]["status"]) == ("message.done", "interrupted")

    async def _all(self, answer):
        return [event async for event in answering.follow(str(answer.request.id))]


class EmptyRunner:
    """A runner without answers."""

    @staticmethod
    def answer_here(message):
        return None


def rebuilt(events):
    text = ""
    for event in events:
        if event["type"] == "answer.delta":
            text += event["text"]
        elif event["type"] == "message.snapshot":
            text = event["text"]
    return text


async def test_an_unknown_entry_does_not_end_the_relay(here, there, caplog):
    await until(lambda: there._last_news)  # The relay reads news from now on.
    await there._redis.xadd(relay.NEWS_STREAM, {"strange": "1"})
    await until(lambda: "not understood" in caplog.text)
    log = EventLog("answer-heard")
    here.add(log, "conversation")
    write(log, "a")

    copy, copying = await copy_when_there(there, "answer-heard")
    write(log, "b")
    log.end()

    assert await texts_of(copy) == ["a", "b", None]
    await copying.__aexit__(None, None, None)
