"""Server-sent events: unbuffered streams with keepalive comments."""

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
    """Yield `events` as frames: type as event name, number as id, the whole event as JSON data."""
    async for event in events:
        yield f"event: {event['type']}\nid: {event['seq']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"


def event_stream(
    frames: AsyncIterator[str],
    caller: Caller,
    may_read: MayRead,
    *,
    farewell: Callable[[Refusal], str],
) -> StreamingHttpResponse:
    """Return a response that streams `frames` until they end or `caller` loses access.

    When access ends, `farewell` formats the last frame.
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
    """Yield `frames`, and a comment after each KEEPALIVE_SECONDS without one.

    Proxies cut silent connections.
    """
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
