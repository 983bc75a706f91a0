"""`follow()`: the events of an answer, from the log, the relay's copy, or the answer's row.

A row holds no single events. Its readers get a snapshot, another snapshot whenever the text has
grown, and the end.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext
from typing import Final

from chat.answering import runner
from chat.answering.events import redis_relay
from chat.answering.events.event_log import Event
from chat.answering.runner import Answer
from chat.answering.storage.answer_store import interrupt_orphans
from chat.api.serializers import citation_json, message_json
from chat.models import Citation, Message
from web.database import in_database

ROW_POLL_SECONDS: Final = 0.5
# After such a silence of another process, the row shows whether that process still lives.
MAX_SILENCE_SECONDS: Final = 2.0


async def follow(message: str, after: int = 0) -> AsyncIterator[Event]:
    """Yield past and future events of an answer after number `after`, until `message.done`."""
    answer = runner.answer_here(message)
    async for event in _from_log(answer, after) if answer else _from_elsewhere(message, after):
        yield event


async def _from_log(answer: Answer, after: int) -> AsyncIterator[Event]:
    log, draft = answer.log, answer.draft
    if after > log.last:
        # The cursor is from before a restart, so send a snapshot.
        after = log.last
        yield _snapshot(log.message, after, draft.text, draft.reasoning, draft.citations)
    if log.ended:
        after = min(after, log.last - 1)  # A reader that asks after the end gets the end again.
    async for event in log.after(after):
        yield event


async def _from_elsewhere(pk: str, after: int) -> AsyncIterator[Event]:
    """Follow an answer that another process writes or that has ended; no event or text is sent twice."""
    begun, sent = False, after
    while (found := await in_database(_row)(pk)) is not None:
        message, snapshot = found
        async with redis_relay.copy_of(pk) if message.is_running else nullcontext() as log:
            if (log is None or sent > log.last) and (snapshot["seq"] > sent or not begun):
                begun, sent = True, snapshot["seq"]
                yield snapshot
            if log is not None:
                async for event in log.after(sent, max_silence=MAX_SILENCE_SECONDS):
                    begun, sent = True, event["seq"]
                    yield event
                if log.ended:
                    return
        if not message.is_running:
            yield {
                **message_json(message),
                "type": "message.done",
                "message": pk,
                "seq": max(message.seq, sent + 1),
            }
            return
        if log is None:
            await asyncio.sleep(ROW_POLL_SECONDS)


def _row(pk: str) -> tuple[Message, Event] | None:
    """Read an answer and make its snapshot; an orphaned answer is ended first."""
    interrupt_orphans(only=pk)
    message = Message.objects.with_citations().filter(pk=pk).first()
    if message is None:
        return None
    # The event of the end has the row's number; the snapshot holds the text before it.
    seq = message.seq if message.is_running else max(0, message.seq - 1)
    return message, _snapshot(pk, seq, message.text, message.reasoning, message.citations.all())


def _snapshot(
    message: str, seq: int, text: str, reasoning: str, citations: Iterable[Citation]
) -> Event:
    return {
        "type": "message.snapshot",
        "message": message,
        "seq": seq,
        "text": text,
        "reasoning": reasoning,
        "citations": [citation_json(citation) for citation in citations],
    }
