"""Admission lets people take turns at work that a machine can do little of at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Lock

import pytest

from web.admission import Admission, TooManyWaiting

SECONDS = 10


def test_no_more_than_the_slots_are_held_at_once():
    admission, lock, at_work, most = Admission(3, 100), Lock(), 0, 0

    def work(number: int) -> None:
        nonlocal at_work, most
        with admission.slot(number % 4):
            with lock:
                at_work += 1
                most = max(most, at_work)
            Event().wait(0.002)
            with lock:
                at_work -= 1

    with ThreadPoolExecutor(40) as threads:
        list(threads.map(work, range(80)))

    assert (most, at_work) == (3, 0)


async def _order_of(people: str) -> str:
    """Return in which order those are served who come in the order of `people` while the one slot is held."""
    admission, served = Admission(1, 100), []

    async def work(person: str) -> None:
        async with admission.slot_async(person):
            served.append(person)

    async with admission.slot_async("first"):
        waiting = [asyncio.create_task(work(person)) for person in people]
        await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(*waiting), SECONDS)
    return "".join(served)


@pytest.mark.parametrize(("came", "served"), [("aaaab", "abaaa"), ("aabbcc", "abcabc"), ("aaaa", "aaaa")])
def test_people_take_turns(came, served):
    assert asyncio.run(_order_of(came)) == served


def test_a_person_with_too_much_in_line_is_refused_and_others_are_not():
    async def come() -> None:
        admission = Admission(1, 2)

        async def work(person: str) -> None:
            async with admission.slot_async(person):
                pass

        async with admission.slot_async("a"):
            waiting = [asyncio.create_task(work(person)) for person in "aab"]
            await asyncio.sleep(0)
            with pytest.raises(TooManyWaiting) as refused:
                await work("a")
            assert (refused.value.status, refused.value.retry_after) == (429, 5)
        await asyncio.wait_for(asyncio.gather(*waiting), SECONDS)

    asyncio.run(come())


def test_a_slot_is_given_back_where_nothing_may_wait():
    admission = Admission(1, 0)
    with admission.slot("a"), pytest.raises(TooManyWaiting), admission.slot("b"):
        pass

    with admission.slot("c"):
        pass


@pytest.mark.parametrize("when", ["waiting", "admitted"])
def test_a_slot_is_not_lost_when_those_who_wait_leave(when):
    async def come() -> None:
        admission = Admission(1, 100)

        async def work() -> None:
            async with admission.slot_async("a"):
                await asyncio.sleep(SECONDS)

        async with admission.slot_async("b"):
            leaving = asyncio.create_task(work())
            await asyncio.sleep(0)
            if when == "waiting":
                leaving.cancel()
                await asyncio.sleep(0)
        leaving.cancel()  # The ticket is done by now; its owner has not run yet.
        with suppress(asyncio.CancelledError):
            await leaving
        async with asyncio.timeout(SECONDS), admission.slot_async("c"):
            pass

    asyncio.run(come())


def test_a_slot_is_given_back_after_an_error():
    admission = Admission(1, 0)
    for _time in range(2):
        with suppress(RuntimeError), admission.slot("a"):
            raise RuntimeError

    with admission.slot("b"):
        pass
