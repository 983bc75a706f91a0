"""Answer: the task of one answer, independent of its readers; and the answers of this process.

The task watches the writer: it saves the answer about once a second, ends it on request, and in any
case saves the final text and appends `message.done`. `generation` writes the text.
"""

import asyncio
import logging
import time
from typing import Any, Final

from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from chat.answering.context import PreparedAnswer
from chat.answering.draft import Draft
from chat.answering.events.event_log import Event
from chat.answering.generation import write
from chat.answering.request import AnswerRequest
from chat.answering.storage.answer_store import AnswerEnd, Verdict
from chat.answering.storage.recorder import Recorder, message_from, state_of
from chat.models import Message
from providers.exceptions import ProviderError
from web.exceptions import Refusal

logger = logging.getLogger(__name__)
SAVE_INTERVAL_SECONDS: Final = 0.9
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
    """An answer from its first event to its last."""

    def __init__(
        self, request: AnswerRequest, recorder: Recorder, prepared: PreparedAnswer | None = None
    ) -> None:
        self.request = request
        self._prepared = prepared
        self.draft = Draft(str(request.id))
        self.log = self.draft.log
        self._recorder = recorder
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
            message = await self._recorder.finish(self.draft, end)
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
        while True:
            await asyncio.sleep(SAVE_INTERVAL_SECONDS)
            try:
                verdict = await self._recorder.save(self.draft)
            except DatabaseError as error:
                # The next save follows in a second; the end is retried for longer.
                logger.warning(
                    "The answer %s could not be kept for now: %s", self.request.id, error
                )
            else:
                if verdict is not Verdict.GO_ON:
                    self.stop()


_cancelled_writers: set[asyncio.Task[Any]] = set()


def _forget_writer(task: asyncio.Task[Any]) -> None:
    _cancelled_writers.discard(task)
    if not task.cancelled() and task.exception():
        logger.info("A writer that had been told to end failed: %s", task.exception())
