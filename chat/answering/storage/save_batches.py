"""Saves that many answers want at about the same time, made in one visit to the database.

Each visit costs a change of threads, a connection and a statement: with a hundred answers, each kept once a second,
they took more time than the answers themselves.
"""

import asyncio
from typing import Final

from chat.answering.storage import answer_store
from chat.answering.storage.answer_store import Save, Verdict
from web.database import in_database

WINDOW: Final = 0.1
_Wanted = tuple[Save, asyncio.Future[Verdict]]
_waiting: list[_Wanted] = []
_visits: set[asyncio.Task[None]] = set()


async def keep(save: Save) -> Verdict:
    """Save how far an answer has come, together with whatever else is to be saved within WINDOW seconds."""
    verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
    _waiting.append((save, verdict))
    if len(_waiting) == 1:
        visit = asyncio.create_task(_visit())
        _visits.add(visit)
        visit.add_done_callback(_visits.discard)
    return await verdict


async def _visit() -> None:
    try:
        await asyncio.sleep(WINDOW)
    finally:  # Also when the loop ends here: else whoever comes after it would wait for a visit that nobody makes.
        wanted = [(save, verdict) for save, verdict in _waiting if not verdict.done()]
        _waiting.clear()
    try:
        found = await in_database(answer_store.keep)([save for save, _verdict in wanted])
    except Exception as error:
        _tell_all(wanted, error)
    else:
        for (_save, verdict), said in zip(wanted, found, strict=True):
            if not verdict.done():
                verdict.set_result(said)


def _tell_all(wanted: list[_Wanted], error: Exception) -> None:
    for _save, verdict in wanted:
        if not verdict.done():
            verdict.set_exception(error)
