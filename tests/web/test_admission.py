"""Admission gives slots to users in turns and limits their queues."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from threading import Event, Lock

import pytest

from web.admission import Admission, TooManyWaiting

SECONDS = 10


def test_at_most_all_slots_are_held_concurrently():
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
    """Return the order of service of `people`, who arrive in order while the only slot is held."""
    admission, served = Admission(1, 100), []

    async def work(person: str) -> None:
        async with admission.slot_async(person):
            served.append(person)

    async with admission.slot_async("first"):
        waiting = [asyncio.create_task(work(person)) for person in people]
        await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(*waiting), SECONDS)
    return "".join(served)


@pytest.mark.parametrize(
    ("came", "served"), [("aaaab", "abaaa"), ("aabbcc", "abcabc"), ("aaaa", "aaaa")]
)
def test_users_take_turns(came, served):
    assert asyncio.run(_order_of(came)) == served


def test_one_slot_stays_free_for_other_users():
    async def come() -> list[str]:
        admission, served = Admission(3, 100, each=2), []
        leave = {name: asyncio.Event() for name in ("a1", "a2", "a3", "b1", "b2", "c1")}

        async def work(name: str) -> None:
            async with admission.slot_async(name[0]):
                served.append(name)
                await leave[name].wait()
            served.append(f"-{name}")

        async def settle() -> None:
            for _turn in range(5):
                await asyncio.sleep(0)

        at_work = [asyncio.create_task(work(name)) for name in leave]
        for name in ("b1", "c1", "a2", "a1", "a3", "b2"):
            await settle()
            leave[name].set()
        await asyncio.wait_for(asyncio.gather(*at_work), SECONDS)
        return served

    served = asyncio.run(come())

    # The slot of b1 goes to b2, because a holds two; that of a2 goes to a3, which is before c1.
    assert served[:3] == ["a1", "a2", "b1"]
    assert [name for name in served if name in ("a3", "b2", "c1")] == ["b2", "a3", "c1"]


@pytest.mark.parametrize("slot_of", ["another", "their own"])
def test_a_user_at_the_limit_waits_for_an_own_slot(slot_of):
    async def come() -> bool:
        admission, admitted = Admission(3, 100, each=1), asyncio.Event()

        async def work() -> None:
            async with admission.slot_async("a"):
                admitted.set()

        async with AsyncExitStack() as own, AsyncExitStack() as other:
            await own.enter_async_context(admission.slot_async("a"))
            await other.enter_async_context(admission.slot_async("b"))
            waiting = asyncio.create_task(work())
            await asyncio.sleep(0)
            await (other if slot_of == "another" else own).aclose()
            for _turn in range(5):
                await asyncio.sleep(0)
            came_in = admitted.is_set()
        await asyncio.wait_for(waiting, SECONDS)
        return came_in

    assert asyncio.run(come()) is (slot_of == "their own")


def test_only_the_user_with_a_full_queue_is_refused():
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


def test_a_slot_is_released_in_an_admission_without_queue():
    admission = Admission(1, 0)
    with admission.slot("a"), pytest.raises(TooManyWaiting), admission.slot("b"):
        pass

    with admission.slot("c"):
        pass


@pytest.mark.parametrize("when", ["waiting", "admitted"])
def test_cancelled_waiting_requests_lose_no_slot(when):
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
        leaving.cancel()  # The ticket is done, but its task has not run yet.
        with suppress(asyncio.CancelledError):
            await leaving
        async with asyncio.timeout(SECONDS), admission.slot_async("c"):
            pass

    asyncio.run(come())


def test_a_slot_is_released_after_an_error():
    admission = Admission(1, 0)
    for _time in range(2):
        with suppress(RuntimeError), admission.slot("a"):
            raise RuntimeError

    with admission.slot("b"):
        pass
