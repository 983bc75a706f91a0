"""The relay between server processes, through Redis: events of answers written here go out, those of others come in.

Followers read logs: here the answer's own, elsewhere a copy that the relay fills. It promises nothing: while Redis is
away, or without REDIS_URL, answers of other processes are followed by their rows.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from chat.answering import running_answers
from chat.answering.events.event_log import Log
from chat.answering.events.notifications import announce
from chat.answering.events.redis_outgoing import NEWS, NEWS_KEPT, Outgoing, stream_of

logger = logging.getLogger(__name__)
# Events are passed on together, so often a second; a model's words come no faster than a reader can see.
PAUSE: Final = 0.025
LISTEN_MS: Final = 100
TRY_AGAIN: Final = 0.5
PATIENCE: Final = 2.0


@dataclass
class _Copy:
    log: Log
    readers: int = 0


class Relay:
    """The relay of one process."""

    def __init__(self, url: str) -> None:
        from redis import asyncio as aioredis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        self._away = (RedisError, OSError)
        # What is sent again in silence could end up in a stream that has lost its beginning.
        patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
        self._redis: Any = aioredis.from_url(url, decode_responses=True, **patience)
        self._outgoing: dict[str, Outgoing] = {}
        self._copies: dict[str, _Copy] = {}
        self._something_to_tell = asyncio.Event()
        self._heard = ""
        self._said = False
        self._open = True
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Begin to pass on and to listen."""
        loops = (self._pass_on_while_written, self._listen)
        self._tasks = [asyncio.create_task(self._for_ever(loop)) for loop in loops]

    async def close(self) -> None:
        """Pass on the last words and end."""
        self._open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._pass_on()
        except self._away:
            logger.debug("Redis is away; the rows have the last words.")
        await self._redis.aclose()

    def add(self, log: Log, conversation: str) -> None:
        """Pass on the events of an answer from its first to its last."""
        self._outgoing[log.message] = Outgoing(log, conversation)
        self._something_to_tell.set()

    async def stop(self, message: str) -> None:
        """Have the answer end in whatever process writes it. Its row says it too, but is looked at less often."""
        try:
            await self._redis.xadd(NEWS, {"stop": message}, maxlen=NEWS_KEPT, approximate=True)
        except self._away:
            logger.debug("Redis is away; the row says that the answer is to end.")

    @asynccontextmanager
    async def copy(self, message: str) -> AsyncIterator[Log | None]:
        """Have the log of an answer that another process writes while somebody reads it; None if there is none."""
        try:
            copy = self._copy_here(message) or await self._fetched(message)
        except self._away:
            copy = None
        if copy is None:
            yield None
            return
        copy.readers += 1
        try:
            yield copy.log
        finally:
            copy.readers -= 1
            if not copy.readers and self._copies.get(message) is copy:
                del self._copies[message]

    async def _fetched(self, message: str) -> _Copy | None:
        log = Log(message)
        for _id, entry in await self._redis.xrange(stream_of(message)):
            log.take(json.loads(entry["events"]))
        if not log.last or log.broken:
            return None
        if self._copy_here(message) is None:
            self._copies[message] = _Copy(log)
        return self._copies[message]

    def _copy_here(self, message: str) -> _Copy | None:
        copy = self._copies.get(message)
        return None if copy is None or copy.log.broken else copy

    async def _for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        while self._open:  # As well as being cancelled, which a library may swallow in the middle of a lost connection.
            try:
                await work()
            except self._away as error:
                if not self._said:
                    logger.warning("Redis is away; answers of other processes are followed by their rows: %s", error)
                self._said = True
                self._forget_all()
                await asyncio.sleep(TRY_AGAIN)
            except Exception:  # The edge: what another version has written must not leave this process deaf.
                logger.exception("Something in Redis was not understood; it is passed over.")
                self._forget_all()
                await asyncio.sleep(TRY_AGAIN)

    def _forget_all(self) -> None:
        for outgoing in self._outgoing.values():
            outgoing.begin_again()
        for copy in self._copies.values():
            copy.log.break_off()
        self._copies.clear()

    async def _pass_on_while_written(self) -> None:
        await self._something_to_tell.wait()
        await self._pass_on()
        self._outgoing = {message: out for message, out in self._outgoing.items() if not out.is_complete}
        if not self._outgoing:
            self._something_to_tell.clear()
        await asyncio.sleep(PAUSE)

    async def _pass_on(self) -> None:
        behind = [outgoing for outgoing in self._outgoing.values() if outgoing.is_behind]
        if not behind:
            return
        pipe = self._redis.pipeline(transaction=True)
        commands = [outgoing.write(pipe) for outgoing in behind]
        results = await pipe.execute()
        for outgoing, number in zip(behind, commands, strict=True):
            outgoing.written(results[:number])
            results = results[number:]

    async def _listen(self) -> None:
        """Hear what others pass on, of the answers that are followed here and of what is new."""
        if not self._heard:
            newest = await self._redis.xrevrange(NEWS, count=1)
            self._heard = newest[0][0] if newest else "0-0"
        copies = {stream_of(message): copy.log for message, copy in self._copies.items()}
        wanted = {NEWS: self._heard, **{stream: f"{log.last}-0" for stream, log in copies.items()}}
        found = await self._redis.xread(wanted, block=LISTEN_MS)
        self._said = False
        for stream, entries in found:
            for number, entry in entries:
                if stream == NEWS:
                    self._heard = number
                    await self._obey(entry)
                else:
                    copies[stream].take(json.loads(entry["events"]))
        await asyncio.sleep(PAUSE)

    async def _obey(self, news: dict[str, str]) -> None:
        if "stop" in news:
            if answer := running_answers.get(news["stop"]):
                answer.stop()
        elif running_answers.get(news["begun"]) is None:
            await announce(news["conversation"], news["begun"])


class _Ours:
    relay: Relay | None = None


async def open_relay(url: str) -> None:
    """Begin to speak with other processes, if there is a Redis to speak through."""
    if url:
        _Ours.relay = Relay(url)
        _Ours.relay.open()


async def close_relay() -> None:
    """Pass on the last words of our answers and end."""
    relay, _Ours.relay = _Ours.relay, None
    if relay is not None:
        await relay.close()


def pass_on(log: Log, conversation: str) -> None:
    """Pass on the events of an answer that is written here."""
    if _Ours.relay is not None:
        _Ours.relay.add(log, conversation)


async def stop_elsewhere(message: str) -> None:
    """End an answer that another process writes."""
    if _Ours.relay is not None:
        await _Ours.relay.stop(message)


@asynccontextmanager
async def copy_of(message: str) -> AsyncIterator[Log | None]:
    """Have the log of an answer that another process writes; None if it cannot be had."""
    if _Ours.relay is None:
        yield None
        return
    async with _Ours.relay.copy(message) as log:
        yield log
