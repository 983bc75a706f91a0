"""Answer: the task of one answer, independent of its readers; and the answers of this process.

The task watches the writer: it saves the answer about once a second, in batches with other answers,
ends it on request, and in any case saves the final text and appends `message.done`. `generation`
writes the text, `answer_store` has the statements.
"""

import asyncio
import logging
import time
from typing import Any, Final

from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from chat.answering.draft import Draft
from chat.answering.events.event_log import Event
from chat.answering.generation import PreparedAnswer, write
from chat.answering.request import AnswerRequest
from chat.answering.storage import answer_store
from chat.answering.storage.answer_store import AnswerEnd, AnswerSave, AnswerState, Verdict
from chat.api.serializers import message_json
from chat.models import Citation, Message
from providers.exceptions import ProviderError
from web.database import in_database
from web.exceptions import Refusal

logger = logging.getLogger(__name__)
SAVE_INTERVAL_SECONDS: Final = 0.9
# Saves of many answers share one visit to the database: a hundred visits a second took more time
# than the answers.
BATCH_SECONDS: Final = 0.1
# The end of an answer is retried for this long while the database is away, for example while it
# restarts.
FINISH_RETRY_SECONDS: Final = 60.0
MIN_RETRY_PAUSE_SECONDS: Final = 0.1
MAX_RETRY_PAUSE_SECONDS: Final = 2.0
# For readers that return from a lost connection. Later they get a snapshot.
EVENTS_KEPT_SECONDS: Final = 120.0
Status = Message.Status

_answers: dict[str, "Answer"] = {}


def run(answer: "Answer") -> None:
    """Start `answer` and keep its events in this process until EVENTS_KEPT_SECONDS after its end."""
    key, loop = str(answer.request.id), asyncio.get_running_loop()
    _answers[key] = answer
    answer.begin().add_done_callback(
        lambda _task: loop.call_later(EVENTS_KEPT_SECONDS, _answers.pop, key, None)
    )


def answer_here(message: str) -> "Answer | None":
    """Return the answer with this message id if this process writes it or has its events."""
    return _answers.get(message)


def unended_answers() -> "list[Answer]":
    """Return the answers that this process is writing."""
    return [answer for answer in _answers.values() if not answer.log.ended]


class Answer:
    """An answer from its first event to its last; with `is_stored` false, nothing is saved."""

    def __init__(
        self,
        request: AnswerRequest,
        prepared: PreparedAnswer | None = None,
        *,
        is_stored: bool = True,
    ) -> None:
        self.request = request
        self._prepared = prepared
        self._is_stored = is_stored
        self.draft = Draft(str(request.id))
        self.log = self.draft.log
        self._saved_citations: tuple[Citation, ...] = ()
        self._saved_numbers: set[int] = set()
        self._began = time.monotonic()
        self._stop_requested = asyncio.Event()
        self._stop_status = Status.STOPPED
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Task[None]:
        """Start to write; return the task, which ends after the last event."""
        self._task = asyncio.create_task(self._run(), name=f"answer {self.request.id}")
        return self._task

    def stop(self, status: Message.Status = Status.STOPPED) -> None:
        """End the answer as soon as possible and keep its text; no effect after its end."""
        if not self._stop_requested.is_set():
            self._stop_status = status
            self._stop_requested.set()

    async def ended(self) -> Event:
        """Wait for the last event and return it; cancelling the wait does not end the answer."""
        last: Event = {}
        async for event in self.log.after(self.log.last - int(self.log.ended)):
            last = event
        return last

    async def _run(self) -> None:
        """Write, then save the result and append `message.done`, also after an unexpected error."""
        try:
            end = await self._watch(
                asyncio.create_task(write(self.request, self.draft, self._prepared))
            )
        except Exception:
            logger.exception("The answer %s could not be watched to its end.", self.request.id)
            end = self._failed(
                "server_error", _("Something went wrong. The text so far is saved; try again.")
            )
        self.draft.close()
        try:
            message = await self._save_end(end)
        except Exception:
            logger.exception(
                "The end of the answer %s could not be saved; the sweep will end it.",
                self.request.id,
            )
            message = message_from(self.request, state_of(self.draft), end)
        self.log.end(**message)

    async def _watch(self, writer: asyncio.Task[None]) -> AnswerEnd:
        """Return the end of the answer, once its writer ends or a stop is requested.

        Until then the answer is saved at an interval.
        """
        stop = asyncio.create_task(self._stop_requested.wait())
        saving = asyncio.create_task(self._save_regularly())
        try:
            await asyncio.wait({writer, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            saving.cancel()
        if writer.done():
            return self._outcome(writer)
        # A writer may ignore its cancellation for ever, so nothing waits for the writer.
        _cancelled_writers.add(writer)
        writer.add_done_callback(_forget_writer)
        writer.cancel()
        return self._end(self._stop_status)

    def _outcome(self, writer: asyncio.Task[None]) -> AnswerEnd:
        error = None if writer.cancelled() else writer.exception()
        if error is None and not writer.cancelled():
            return self._end(Status.DONE)
        if isinstance(error, Refusal | ProviderError):
            return self._failed(error.code, str(error))
        logger.error("The answer %s failed.", self.request.id, exc_info=error)
        if isinstance(error, DatabaseError):
            return self._failed(
                "database_unavailable", _("The database is not responding. Try again in a moment.")
            )
        return self._failed(
            "server_error", _("Something went wrong. The text so far is saved; try again.")
        )

    def _failed(self, code: str, message: str) -> AnswerEnd:
        self.draft.close()
        self.log.append("error", code=code, error={"code": code, "message": message})
        return self._end(Status.FAILED, error_code=code, error_message=message)

    def _end(self, status: Message.Status, **error: str) -> AnswerEnd:
        ms = round((time.monotonic() - self._began) * 1000)
        return AnswerEnd(status, ms, usage=self.draft.usage, **error)

    async def _save_regularly(self) -> None:
        """Save the answer about once a second.

        Stops the answer if its row was deleted or another process requested a stop.
        """
        while self._is_stored:
            await asyncio.sleep(SAVE_INTERVAL_SECONDS)
            try:
                verdict = await self._save()
            except DatabaseError as error:
                # The next save follows in a second; the end is retried for longer.
                logger.warning(
                    "The answer %s could not be kept for now: %s", self.request.id, error
                )
            else:
                if verdict is not Verdict.GO_ON:
                    self.stop()

    async def _save(self) -> Verdict:
        """Save the answer so far; return whether it is still wanted."""
        self.draft.flush()
        state = state_of(self.draft)
        new = tuple(
            citation
            for citation in state.citations
            if not any(citation is saved for saved in self._saved_citations)
        )
        # Rows may exist even if the wait below is cancelled.
        self._saved_numbers |= {citation.n for citation in new}
        verdict = await save_in_batch(AnswerSave(self.request.id, state, new, self._gone(state)))
        self._saved_citations = state.citations
        return verdict

    async def _save_end(self, end: AnswerEnd) -> dict[str, Any]:
        """Save the final answer, with retries while the database is away; return its message as JSON."""
        state = state_of(self.draft)
        deadline, pause = time.monotonic() + FINISH_RETRY_SECONDS, MIN_RETRY_PAUSE_SECONDS
        while self._is_stored:
            try:
                saved = await in_database(answer_store.finish)(
                    self.request.id, state, end, self._gone(state)
                )
                return saved or message_from(self.request, state, end)
            except DatabaseError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, MAX_RETRY_PAUSE_SECONDS)
        return message_from(self.request, state, end)

    def _gone(self, state: AnswerState) -> frozenset[int]:
        """Return the numbers of citations that may have rows but are no longer part of the answer."""
        return frozenset(self._saved_numbers) - {citation.n for citation in state.citations}


_cancelled_writers: set[asyncio.Task[Any]] = set()


def _forget_writer(task: asyncio.Task[Any]) -> None:
    _cancelled_writers.discard(task)
    if not task.cancelled() and task.exception():
        logger.info("A writer that had been told to end failed: %s", task.exception())


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
