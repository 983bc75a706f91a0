"""Saves that are made together."""

import asyncio
from uuid import uuid4

import pytest

from chat.answering.storage import answer_store, save_batches
from chat.answering.storage.answer_store import Save, State, Verdict

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_left_when_a_loop_ended_holds_up_nobody_after_it(monkeypatch):
    monkeypatch.setattr(answer_store, "keep", lambda saves: [Verdict.GO_ON for _save in saves])
    save = Save(uuid4(), State("Lift", "", (), 1, {}))

    async def leave_early():
        waiting = asyncio.create_task(save_batches.keep(save))
        await asyncio.sleep(0)
        return waiting

    assert asyncio.run(leave_early()).cancelled()
    assert asyncio.run(asyncio.wait_for(save_batches.keep(save), 20)) is Verdict.GO_ON
