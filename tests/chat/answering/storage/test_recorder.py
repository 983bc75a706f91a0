"""Saves that are made together."""

import asyncio
from uuid import uuid4

import pytest

from chat.answering.storage import answer_store, recorder
from chat.answering.storage.answer_store import AnswerSave, AnswerState, Verdict

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_left_when_a_loop_ended_holds_up_nobody_after_it(monkeypatch):
    monkeypatch.setattr(answer_store, "save", lambda saves: [Verdict.GO_ON for _save in saves])
    save = AnswerSave(uuid4(), AnswerState("Lift", "", (), 1, {}))

    async def leave_early():
        waiting = asyncio.create_task(recorder.save_in_batch(save))
        await asyncio.sleep(0)
        return waiting

    assert asyncio.run(leave_early()).cancelled()
    assert asyncio.run(asyncio.wait_for(recorder.save_in_batch(save), 20)) is Verdict.GO_ON
