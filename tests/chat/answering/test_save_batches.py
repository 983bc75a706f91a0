"""Batches of saves."""

import asyncio
from uuid import uuid4

import pytest

from chat.answering import runner
from chat.answering.storage import answer_store
from chat.answering.storage.answer_store import AnswerSave, AnswerState, Verdict

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_batch_of_an_ended_loop_does_not_block_later_saves(monkeypatch):
    monkeypatch.setattr(answer_store, "save", lambda saves: [Verdict.GO_ON for _save in saves])
    save = AnswerSave(uuid4(), AnswerState("Lift", "", (), 1, {}))

    async def leave_early():
        waiting = asyncio.create_task(runner.save_in_batch(save))
        await asyncio.sleep(0)
        return waiting

    assert asyncio.run(leave_early()).cancelled()
    assert asyncio.run(asyncio.wait_for(runner.save_in_batch(save), 20)) is Verdict.GO_ON
