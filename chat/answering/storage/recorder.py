"""Recorders save a growing answer and its end: in the database, in batches with other answers, or nowhere."""

import asyncio
import time
from typing import Any, Final, Protocol

from django.db import Error as DatabaseError

from chat.answering.draft import Draft
from chat.answering.request import AnswerRequest
from chat.answering.storage import answer_store
from chat.answering.storage.answer_store import AnswerEnd, AnswerSave, AnswerState, Verdict
from chat.api.serializers import message_json
from chat.models import Citation
from web.database import in_database

# Saves of many answers share one visit to the database: a hundred visits a second took more time
# than the answers.
BATCH_SECONDS: Final = 0.1
# How long the end of an answer is tried to be saved while the database is away, for example while
# it restarts.
FINISH_RETRY_SECONDS: Final = 60.0
MIN_RETRY_PAUSE_SECONDS: Final = 0.1
MAX_RETRY_PAUSE_SECONDS: Final = 2.0


class Recorder(Protocol):
    """Saves one answer."""

    async def save(self, draft: Draft) -> Verdict:
        """Save the answer so far; return whether it is still wanted."""

    async def finish(self, draft: Draft, end: AnswerEnd) -> dict[str, Any]:
        """Save the final answer; return its message as JSON."""


class DatabaseRecorder:
    """Saves an answer in its row."""

    def __init__(self, request: AnswerRequest) -> None:
        self._request = request
        self._saved: tuple[Citation, ...] = ()
        self._numbers: set[int] = set()

    async def save(self, draft: Draft) -> Verdict:
        """Save the answer so far; return whether it is still wanted."""
        draft.flush()
        state = state_of(draft)
        new = tuple(
            citation
            for citation in state.citations
            if not any(citation is saved for saved in self._saved)
        )
        self._numbers |= {
            citation.n for citation in new
        }  # Rows may exist even if the wait below is cancelled.
        verdict = await save_in_batch(AnswerSave(self._request.id, state, new, self._gone(state)))
        self._saved = state.citations
        return verdict

    async def finish(self, draft: Draft, end: AnswerEnd) -> dict[str, Any]:
        """Save the final answer, repeatedly while the database is away; return its message as JSON."""
        state = state_of(draft)
        deadline, pause = time.monotonic() + FINISH_RETRY_SECONDS, MIN_RETRY_PAUSE_SECONDS
        while True:
            try:
                gone = self._gone(state)
                saved = await in_database(answer_store.finish)(self._request.id, state, end, gone)
                return saved or message_from(self._request, state, end)
            except DatabaseError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, MAX_RETRY_PAUSE_SECONDS)

    def _gone(self, state: AnswerState) -> frozenset[int]:
        """Return the numbers of citations that may have rows but are no longer part of the answer."""
        return frozenset(self._numbers) - {citation.n for citation in state.citations}


class NullRecorder:
    """Stores nothing, for programs that keep their conversations themselves."""

    def __init__(self, request: AnswerRequest) -> None:
        self._request = request

    async def save(self, draft: Draft) -> Verdict:
        """Store nothing; the answer is always wanted."""
        return Verdict.GO_ON

    async def finish(self, draft: Draft, end: AnswerEnd) -> dict[str, Any]:
        """Return the message as JSON."""
        return message_from(self._request, state_of(draft), end)


def state_of(draft: Draft) -> AnswerState:
    """Return a copy of the draft's state that another thread may read."""
    return AnswerState(
        draft.text, draft.reasoning, draft.citations, draft.log.last, dict(draft.trace)
    )


def message_from(request: AnswerRequest, state: AnswerState, end: AnswerEnd) -> dict[str, Any]:
    """Return the message as JSON, as its row would show it, without a database query."""
    message = request.message
    message.text, message.reasoning, message.trace = state.text, state.reasoning, state.trace
    message.status, message.ms, message.usage = end.status, end.ms, end.usage
    message.error_code, message.error_message = end.error_code, end.error_message
    message._prefetched_objects_cache = {"citations": list(state.citations)}  # type: ignore[attr-defined]
    return message_json(message)


_PendingSave = tuple[AnswerSave, asyncio.Future[Verdict]]
_pending: list[_PendingSave] = []
_batches: set[asyncio.Task[None]] = set()


async def save_in_batch(save: AnswerSave) -> Verdict:
    """Save an answer together with all answers that are saved within BATCH_SECONDS."""
    verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
    _pending.append((save, verdict))
    if len(_pending) == 1:
        batch = asyncio.create_task(_save_batch())
        _batches.add(batch)
        batch.add_done_callback(_batches.discard)
    return await verdict


async def _save_batch() -> None:
    try:
        await asyncio.sleep(BATCH_SECONDS)
    finally:  # Also when the event loop ends here: later saves would wait for this batch for ever.
        batch = [(save, verdict) for save, verdict in _pending if not verdict.done()]
        _pending.clear()
    try:
        verdicts = await in_database(answer_store.save)([save for save, _verdict in batch])
    except Exception as error:
        for _save, verdict in batch:
            if not verdict.done():
                verdict.set_exception(error)
    else:
        for (_save, verdict), value in zip(batch, verdicts, strict=True):
            if not verdict.done():
                verdict.set_result(value)
