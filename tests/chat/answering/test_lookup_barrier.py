"""Models wait for the lookups of other questions of the same person."""

import asyncio

import pytest
from support.conversations import ask, until

from chat.answering import lookup_barrier
from chat.answering.lookup_barrier import LookupBarrier, barrier_of


async def test_an_idle_barrier_is_open():
    waiting = asyncio.create_task(LookupBarrier().wait())
    await asyncio.sleep(0)

    assert waiting.done()


async def test_the_barrier_opens_after_the_last_lookup():
    barrier = LookupBarrier()
    with barrier.lookup():
        with barrier.lookup():
            waiting = asyncio.create_task(barrier.wait())
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()

    await asyncio.wait_for(waiting, 30)


async def test_a_failed_lookup_opens_the_barrier():
    barrier = LookupBarrier()
    with pytest.raises(ValueError, match="gone"), barrier.lookup():
        raise ValueError("gone")

    await asyncio.wait_for(barrier.wait(), 30)


async def test_the_wait_has_a_limit(monkeypatch):
    monkeypatch.setattr(lookup_barrier, "MAX_WAIT_SECONDS", 0.01)
    barrier = LookupBarrier()
    with barrier.lookup():
        await asyncio.wait_for(barrier.wait(), 30)


@pytest.mark.django_db(transaction=True)
async def test_a_model_starts_after_the_lookups_of_the_same_person(
    conversation, model, monkeypatch
):
    monkeypatch.setattr(lookup_barrier, "MAX_WAIT_SECONDS", 600)
    with barrier_of(conversation.owner_id).lookup():
        answer = await ask(conversation)
        await until(lambda: "prompt" in answer.draft.trace, seconds=60)
        await asyncio.sleep(0.05)
        assert answer.draft.text == ""

    assert (await answer.ended())["text"] == "Scripted."


@pytest.mark.django_db(transaction=True)
async def test_a_model_does_not_wait_for_lookups_of_other_people(
    conversation, stranger, model, monkeypatch
):
    monkeypatch.setattr(lookup_barrier, "MAX_WAIT_SECONDS", 600)
    with barrier_of(stranger.pk).lookup():
        answer = await ask(conversation)

        assert (await answer.ended())["text"] == "Scripted."
