"""Answer: one answer being written, a task of its own that no reader can hold up and no reader's leaving ends.

It watches the writer: keeps what is there about once a second, ends it when told to, and whatever happens saves what
has been said and tells `message.done`. What is written is up to `generation`.
"""

import asyncio
import logging
import time
from typing import Any, Final

from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from chat.answering.context import Prepared
from chat.answering.draft import Draft
from chat.answering.events.event_log import Event
from chat.answering.generation import write
from chat.answering.request import Asked
from chat.answering.storage.answer_store import End, Verdict
from chat.answering.storage.recorder import Keeper, as_json, state_of
from chat.models import Message
from providers.exceptions import ProviderError
from web.exceptions import Refusal

logger = logging.getLogger(__name__)
KEEP_EVERY: Final = 0.9
Status = Message.Status


class Answer:
    """An answer from its first event to its last."""

    def __init__(self, asked: Asked, keeper: Keeper, prepared: Prepared | None = None) -> None:
        self.asked = asked
        self._prepared = prepared
        self.draft = Draft(str(asked.id))
        self.log = self.draft.log
        self._keeper = keeper
        self._began = time.monotonic()
        self._told_to_end = asyncio.Event()
        self._ended_as = Status.STOPPED
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Task[None]:
        """Start to write; return the task, which ends after the last event."""
        self._task = asyncio.create_task(self._run(), name=f"answer {self.asked.id}")
        return self._task

    def stop(self, status: Message.Status = Status.STOPPED) -> None:
        """End the answer as soon as possible with what has been said. Does nothing to one that has ended."""
        if not self._told_to_end.is_set():
            self._ended_as = status
            self._told_to_end.set()

    async def ended(self) -> Event:
        """Wait until the answer is final and return its last event; whoever waits may leave without ending it."""
        last: Event = {}
        async for event in self.log.after(self.log.last - int(self.log.ended)):
            last = event
        return last

    async def _run(self) -> None:
        try:
            end = await self._watch(asyncio.create_task(write(self.asked, self.draft, self._prepared)))
        except Exception:
            logger.exception("The answer %s could not be watched to its end.", self.asked.id)
            end = self._failed("server_error", _("Something went wrong here. What was said is kept; ask again."))
        self.draft.close()
        self.log.end(**await self._kept(end))

    async def _kept(self, end: End) -> dict[str, Any]:
        try:
            return await self._keeper.finish(self.draft, end)
        except Exception:
            logger.exception("The end of the answer %s could not be saved; the sweep will end it.", self.asked.id)
            return as_json(self.asked, state_of(self.draft), end)

    async def _watch(self, writer: asyncio.Task[None]) -> End:
        """Wait for the writer, or for the order to end. It is not waited for any longer then: it may hang for ever."""
        ordered = asyncio.create_task(self._told_to_end.wait())
        keeping = asyncio.create_task(self._keep_up())
        try:
            await asyncio.wait({writer, ordered}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ordered.cancel()
            keeping.cancel()
        if not writer.done():
            _abandon(writer)
            return self._end(self._ended_as)
        return self._outcome(writer)

    def _outcome(self, writer: asyncio.Task[None]) -> End:
        error = None if writer.cancelled() else writer.exception()
        if error is None and not writer.cancelled():
            return self._end(Status.DONE)
        if isinstance(error, Refusal | ProviderError):
            return self._failed(error.code, str(error))
        logger.error("The answer %s failed.", self.asked.id, exc_info=error)
        if isinstance(error, DatabaseError):
            return self._failed("database_unavailable", _("The database did not answer. Ask again in a moment."))
        return self._failed("server_error", _("Something went wrong here. What was said is kept; ask again."))

    def _failed(self, code: str, message: str) -> End:
        self.draft.close()
        self.log.append("error", code=code, error={"code": code, "message": message})
        return self._end(Status.FAILED, error_code=code, error_message=message)

    def _end(self, status: Message.Status, **error: str) -> End:
        ms = round((time.monotonic() - self._began) * 1000)
        return End(status, ms, usage=self.draft.usage, **error)

    async def _keep_up(self) -> None:
        """Keep what is there about once a second; end the answer when nobody wants it any more."""
        while True:
            await asyncio.sleep(KEEP_EVERY)
            try:
                verdict = await self._keeper.keep(self.draft)
            except DatabaseError as error:
                # It is tried again in a second, and at the end until it succeeds.
                logger.warning("The answer %s could not be kept for now: %s", self.asked.id, error)
            else:
                if verdict is not Verdict.GO_ON:
                    self.stop()


_abandoned: set[asyncio.Task[Any]] = set()


def _abandon(task: asyncio.Task[Any]) -> None:
    """Cancel a task without waiting for it to obey."""
    _abandoned.add(task)
    task.add_done_callback(_forget)
    task.cancel()


def _forget(task: asyncio.Task[Any]) -> None:
    _abandoned.discard(task)
    if not task.cancelled() and task.exception():
        logger.info("A writer that had been told to end failed: %s", task.exception())
