"""Asking in tests, and looking at what came of it."""

import asyncio

from chat import answering
from chat.models import Message

ASKED = "How does lift grow with speed?"


async def ask(conversation, text=ASKED, **more):
    return await answering.start(
        lambda: (conversation, conversation.owner), text, person=conversation.owner_id, **more
    )


async def events_of(answer, after=0):
    return [event async for event in answering.follow(str(answer.request.id), after)]


def row_of(answer):
    return Message.objects.prefetch_related("citations").get(pk=answer.request.id)


def kinds(events):
    return [event["type"] for event in events]


async def until(condition, seconds=3.0):
    for _try in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")
