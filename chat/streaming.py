"""Server-sent events: the frames of a stream that a proxy must not hold back, with signs of life while it is silent."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

from django.http import StreamingHttpResponse

from chat.answering.log import Event

ALIVE_EVERY: Final = 15.0


async def sse(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Yield `events` as frames: the type as the event's name, the number as its id, all of it as data."""
    async for event in events:
        yield f"event: {event['type']}\nid: {event['seq']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"


def event_stream(frames: AsyncIterator[str]) -> StreamingHttpResponse:
    """Return a response that sends `frames` as they come."""
    response = StreamingHttpResponse(_alive(frames), content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _alive(frames: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """Pass on `frames` and, whenever nothing has come for a while, a comment: proxies cut silent connections."""
    frames = aiter(frames)
    waiting = asyncio.ensure_future(anext(frames))
    try:
        while True:
            done, _pending = await asyncio.wait({waiting}, timeout=ALIVE_EVERY)
            if not done:
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
