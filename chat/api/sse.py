"""Server-sent events: the frames of a stream that a proxy must not hold back, with signs of life while it is silent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Final

from django.http import StreamingHttpResponse

from accounts.access_watch import Caller, MayRead, watch
from chat.answering.events.event_log import Event
from web.exceptions import AccessEnded, Refusal

KEEPALIVE_SECONDS: Final = 15.0


async def sse(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Yield `events` as frames: the type as the event's name, the number as its id, all of it as data."""
    async for event in events:
        yield f"event: {event['type']}\nid: {event['seq']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"


def event_stream(
    frames: AsyncIterator[str],
    caller: Caller,
    may_read: MayRead,
    *,
    farewell: Callable[[Refusal], str],
) -> StreamingHttpResponse:
    """Return a response that sends `frames` as they come, until `caller` may not read them any more.

    `farewell` writes the last frame in that case.
    """
    response = StreamingHttpResponse(
        _alive(frames, caller, may_read, farewell), content_type="text/event-stream; charset=utf-8"
    )
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _alive(
    frames: AsyncIterator[str],
    caller: Caller,
    may_read: MayRead,
    farewell: Callable[[Refusal], str],
) -> AsyncIterator[bytes]:
    """Pass on `frames` and, whenever nothing has come for a while, a comment: proxies cut silent connections."""
    frames = aiter(frames)
    watching = watch(caller, may_read)
    waiting = asyncio.ensure_future(anext(frames))
    try:
        while True:
            await asyncio.wait(
                {waiting, watching}, timeout=KEEPALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if watching.done():
                yield farewell(AccessEnded()).encode()
                return
            if not waiting.done():
                yield b": alive\n\n"
                continue
            try:
                frame = waiting.result()
            except StopAsyncIteration:
                return
            yield frame.encode()
            waiting = asyncio.ensure_future(anext(frames))
    finally:
        waiting.cancel()
        watching.cancel()
