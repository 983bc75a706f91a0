"""Saves of growing answers and of their ends."""

import asyncio

import pytest
from django.db import OperationalError
from support.conversations import ask, row_of, until

from chat.answering import runner
from chat.answering.storage import answer_store
from chat.exceptions import Unstorable
from providers.protocols import Reasoning
from web.database import in_database

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_question_that_cannot_be_stored_is_refused(conversation, model, monkeypatch):
    def broken(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(answer_store, "begin", broken)

    with pytest.raises(Unstorable):
        await ask(conversation)


async def test_the_end_is_saved_once_the_database_is_back(conversation, model, monkeypatch):
    failures = iter([OperationalError("away"), OperationalError("still away")])
    finish = answer_store.finish

    def hiccup(*args, **kwargs):
        for failure in failures:
            raise failure
        return finish(*args, **kwargs)

    monkeypatch.setattr(answer_store, "finish", hiccup)

    answer = await ask(conversation)
    end = await answer.ended()

    assert end["status"] == "done"
    assert (await in_database(row_of)(answer)).status == "done"


async def test_the_last_event_is_sent_although_the_end_cannot_be_saved(
    conversation, model, monkeypatch
):
    def broken(*args, **kwargs):
        raise RuntimeError("a bug")

    monkeypatch.setattr(answer_store, "finish", broken)

    assert (await (await ask(conversation)).ended())["text"] == "Scripted."


async def test_the_text_is_saved_while_the_answer_grows(conversation, model, monkeypatch):
    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.05)
    gate = asyncio.Event()
    model.script = ["Lift grows [1]", 0.2, " and grows", gate]
    answer = await ask(conversation)
    await until(lambda: answer.draft.text.endswith("and grows"))

    row = await in_database(row_of)(answer)
    async with asyncio.timeout(10):
        while row.text != answer.draft.text:
            await asyncio.sleep(0.05)
            row = await in_database(row_of)(answer)

    assert (row.text, row.status, row.seq) == (
        "Lift grows [1] and grows",
        "streaming",
        answer.log.last,
    )
    assert [citation.n for citation in row.citations.all()] == [1]
    gate.set()
    await answer.ended()


async def test_a_longer_quotation_replaces_the_saved_one(conversation, model, monkeypatch):
    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.05)
    gate = asyncio.Event()
    model.script = [
        "Lift grows with the square of the speed [1].",
        0.05,
        " ",
        gate,
        "It is measured in newtons [1].",
    ]
    answer = await ask(conversation)

    before = await kept_quotations(answer)
    gate.set()
    end = await answer.ended()

    assert before == ["Lift grows with the square of the speed."]
    after = await kept_quotations(answer)
    assert after == ["Lift grows with the square of the speed. It is measured in newtons."]
    assert end["citations"][0]["quote"] == after[0]


async def kept_quotations(answer):
    """Wait for saved quotations of an answer and return them."""
    for _try in range(200):
        if found := list((await in_database(row_of)(answer)).citations.all()):
            return [citation.quote for citation in found]
        await asyncio.sleep(0.05)
    raise AssertionError("no citation was kept")


async def test_simultaneous_answers_are_saved_in_one_statement(conversation, model, monkeypatch):
    visits = []
    keep = answer_store.save
    monkeypatch.setattr(
        answer_store, "save", lambda saves: visits.append(len(saves)) or keep(saves)
    )
    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.3)
    gate = asyncio.Event()
    model.script = ["Lift grows", gate]
    answers = [await ask(conversation) for _n in range(5)]
    await until(lambda: sum(visits) >= 5, seconds=10)

    gate.set()
    ends = [await answer.ended() for answer in answers]

    assert max(visits) > 1
    assert [end["text"] for end in ends] == ["Lift grows"] * 5


async def test_a_failed_save_does_not_end_the_answer(conversation, model, monkeypatch):
    def broken(*args, **kwargs):
        raise OperationalError("away")

    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.02)
    monkeypatch.setattr(answer_store, "save", broken)
    model.script = ["Lift", 0.2, " grows"]

    assert (await (await ask(conversation)).ended())["text"] == "Lift grows"


async def test_a_late_save_does_not_undo_the_end(conversation, model):
    answer = await ask(conversation)
    state = runner.state_of(answer.draft)
    await answer.ended()

    verdicts = await in_database(answer_store.save)(
        [answer_store.AnswerSave(answer.request.id, state)]
    )

    assert verdicts == [answer_store.Verdict.GO_ON]
    assert (await in_database(row_of)(answer)).status == "done"


async def test_a_save_after_the_end_changes_no_row(conversation, model):
    answer = await ask(conversation)
    await answer.ended()
    late = answer_store.AnswerSave(
        answer.request.id, answer_store.AnswerState("Half of it", "", (), 1, {})
    )

    verdicts = await in_database(answer_store.save)([late])

    row = await in_database(row_of)(answer)
    assert (row.text, row.status) == ("Scripted.", "done")
    assert verdicts == [answer_store.Verdict.GO_ON]


async def test_earlier_reasoning_is_never_sent_to_a_model(conversation, model):
    model.script = [Reasoning("a secret thought"), "Lift grows."]
    first = await ask(conversation)
    assert (await first.ended())["reasoning"] == "a secret thought"

    second = await ask(conversation, "And with size?")
    await second.ended()

    sent = [message.text for request in model.requests[1:] for message in request.messages]
    assert any("Lift grows." in content for content in sent)
    assert not any("a secret thought" in content for content in sent)
