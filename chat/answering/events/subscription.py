"""Following an answer: from the log of this process if it is there, else from what its writer passes on to others.

Where nothing is passed on there is still its row. From a row there are no single events any more: a snapshot, another
whenever the text has grown, and the end.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext
from typing import Final

from chat.answering import running_answers
from chat.answering.events import redis_relay
from chat.answering.events.event_log import Event
from chat.answering.runner import Answer
from chat.answering.storage.orphans import interrupt_orphans
from chat.api.serializers import citation_json, message_json
from chat.models import Citation, Message
from web.database import in_database

LOOK_EVERY: Final = 0.5
# After how long a silence of another process it is made sure that it still lives.
SILENCE: Final = 2.0


async def follow(message: str, after: int = 0) -> AsyncIterator[Event]:
    """Yield the events of an answer after number `after`, those that were and those to come, until `message.done`."""
    answer = running_answers.get(message)
    async for event in _from_log(answer, after) if answer else _from_elsewhere(message, after):
        yield event


async def _from_log(answer: Answer, after: int) -> AsyncIterator[Event]:
    log, draft = answer.log, answer.draft
    if after > log.last:
        # Counted in another life of this answer's process: what the reader has is not what is here.
        after = log.last
        yield _snapshot(log.message, after, draft.text, draft.reasoning, draft.citations)
    if log.ended:
        after = min(after, log.last - 1)  # Whoever asks again after the end is told the end again, not nothing.
    async for event in log.after(after):
        yield event


async def _from_elsewhere(pk: str, after: int) -> AsyncIterator[Event]:
    """Follow an answer that another process writes, or nobody any more; what the reader has is never told again."""
    begun, told = False, after
    while (found := await in_database(_row)(pk)) is not None:
        message, snapshot = found
        async with redis_relay.copy_of(pk) if message.is_running else nullcontext() as log:
            if (log is None or told > log.last) and (snapshot["seq"] > told or not begun):
                begun, told = True, snapshot["seq"]
                yield snapshot
            if log is not None:
                async for event in log.after(told, patience=SILENCE):
                    begun, told = True, event["seq"]
                    yield event
                if log.ended:
                    return
        if not message.is_running:
            yield {**message_json(message), "type": "message.done", "message": pk, "seq": max(message.seq, told + 1)}
            return
        if log is None:
            await asyncio.sleep(LOOK_EVERY)


def _row(pk: str) -> tuple[Message, Event] | None:
    """Read the answer and make a snapshot of it; one that nobody writes any more is ended first."""
    interrupt_orphans(only=pk)
    message = Message.objects.with_citations().filter(pk=pk).first()
    if message is None:
        return None
    # The end has a number of its own, which comes after what the snapshot holds.
    seq = message.seq if message.is_running else max(0, message.seq - 1)
    return message, _snapshot(pk, seq, message.text, message.reasoning, message.citations.all())


def _snapshot(message: str, seq: int, text: str, reasoning: str, citations: Iterable[Citation]) -> Event:
    return {
        "type": "message.snapshot",
        "message": message,
        "seq": seq,
        "text": text,
        "reasoning": reasoning,
        "citations": [citation_json(citation) for citation in citations],
    }
