"""The relay between server processes: publishes events of answers in Redis and copies others.

Each answer has a stream, which holds the answer from its first event on. One more stream holds
news: which answers have begun or are to stop. The relay guarantees nothing: while Redis is away, or
without REDIS_URL, answers of other processes are followed by their rows.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from chat.answering import runner
from chat.answering.events.event_log import EventLog
from chat.answering.events.notifications import announce

logger = logging.getLogger(__name__)
NEWS_STREAM: Final = "reading-room:news"
NEWS_MAX_ENTRIES: Final = 1000
# A stream may expire while a model is silent for longer; it is then written again from the first
# event.
STREAM_TTL_SECONDS: Final = 300
# Events within this time share one write: readers do not see text faster.
POLL_INTERVAL_SECONDS: Final = 0.025
READ_BLOCK_MS: Final = 100
RETRY_SECONDS: Final = 0.5
SOCKET_TIMEOUT_SECONDS: Final = 2.0


def stream_of(message: str) -> str:
    """Return the name of an answer's stream."""
    return f"reading-room:answer:{message}"


class PublishedLog:
    """The events of one answer of this process, and how many of them its stream holds.

    An entry of the stream holds the events since the last entry and has the number of its last
    event as id, so that a reader knows where to continue.
    """

    def __init__(self, log: EventLog, conversation: str) -> None:
        self.log = log
        self._conversation = conversation
        self._published = 0
        self._writing = 0

    @property
    def is_behind(self) -> bool:
        """Whether the log has events that the stream has not."""
        return self._published < self.log.last

    @property
    def is_complete(self) -> bool:
        """Whether the answer has ended and the stream holds all its events."""
        return self.log.ended and not self.is_behind

    def write(self, pipe: Any) -> int:
        """Add the commands that publish new events to `pipe`; return the number of commands."""
        self._writing = self.log.last
        stream = stream_of(self.log.message)
        entry = {"events": json.dumps(self.log.events[self._published : self._writing])}
        if self._published:
            pipe.xadd(stream, entry, id=f"{self._writing}-0", nomkstream=True)
            pipe.expire(stream, STREAM_TTL_SECONDS)
            return 2
        pipe.delete(stream)
        pipe.xadd(stream, entry, id=f"{self._writing}-0")
        pipe.expire(stream, STREAM_TTL_SECONDS)
        begun = {"begun": self.log.message, "conversation": self._conversation}
        pipe.xadd(NEWS_STREAM, begun, maxlen=NEWS_MAX_ENTRIES, approximate=True)
        return 4

    def written(self, results: list[Any]) -> None:
        """Take the results of the commands; a lost stream is written again from the first event."""
        self._published = 0 if self._published and results[0] is None else self._writing

    def restart(self) -> None:
        """Publish all events again, since the state of the stream is unknown."""
        self._published = 0


@dataclass
class _LogCopy:
    log: EventLog
    readers: int = 0


class Relay:
    """The relay of one process."""

    def __init__(self, url: str) -> None:
        from redis import asyncio as aioredis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        self._away = (RedisError, OSError)
        # No retries in the library: it could repeat a write to a stream that lost its beginning
        # meanwhile.
        options = {
            "socket_timeout": SOCKET_TIMEOUT_SECONDS,
            "socket_connect_timeout": SOCKET_TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        self._redis: Any = aioredis.from_url(url, decode_responses=True, **options)
        self._published: dict[str, PublishedLog] = {}
        self._copies: dict[str, _LogCopy] = {}
        self._has_published = asyncio.Event()
        self._last_news = ""
        self._warned = False
        self._open = True
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Begin to publish and to read."""
        self._tasks = [
            asyncio.create_task(self._repeat(step))
            for step in (self._publish_step, self._read_step)
        ]

    async def close(self) -> None:
        """Publish the last events and end."""
        self._open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._publish_new_events()
        except self._away:
            logger.debug("Redis is away; the rows have the last words.")
        await self._redis.aclose()

    def add(self, log: EventLog, conversation: str) -> None:
        """Publish the events of an answer from its first to its last."""
        self._published[log.message] = PublishedLog(log, conversation)
        self._has_published.set()

    async def stop(self, message: str) -> None:
        """Ask the process that writes the answer to stop it, sooner than through its row."""
        try:
            await self._redis.xadd(
                NEWS_STREAM, {"stop": message}, maxlen=NEWS_MAX_ENTRIES, approximate=True
            )
        except self._away:
            logger.debug("Redis is away; the row says that the answer is to end.")

    @asynccontextmanager
    async def copy(self, message: str) -> AsyncIterator[EventLog | None]:
        """Keep a copy of another process's log during the block, shared by its readers.

        Yields None if there is no stream or Redis is unavailable.
        """
        try:
            copy = self._intact_copy(message) or await self._fetch(message)
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

    async def _fetch(self, message: str) -> _LogCopy | None:
        log = EventLog(message)
        for _id, entry in await self._redis.xrange(stream_of(message)):
            log.take(json.loads(entry["events"]))
        if not log.last or log.broken:
            return None
        if (
            self._intact_copy(message) is None
        ):  # Another reader may have fetched the stream meanwhile.
            self._copies[message] = _LogCopy(log)
        return self._copies[message]

    def _intact_copy(self, message: str) -> _LogCopy | None:
        copy = self._copies.get(message)
        return None if copy is None or copy.log.broken else copy

    async def _repeat(self, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat `step` until the relay closes, also after errors."""
        # The flag is needed besides the cancellation, which the library may swallow when its
        # connection breaks.
        while self._open:
            try:
                await step()
                continue
            except self._away as error:
                if not self._warned:
                    logger.warning(
                        "Redis is away; answers of other processes are followed by their rows: %s",
                        error,
                    )
                self._warned = True
            except Exception:  # An entry of another version must not end the relay of this process.
                logger.exception("Something in Redis was not understood; it is passed over.")
            for published in self._published.values():
                published.restart()
            for copy in self._copies.values():
                copy.log.break_off()
            self._copies.clear()
            await asyncio.sleep(RETRY_SECONDS)

    async def _publish_step(self) -> None:
        await self._has_published.wait()
        await self._publish_new_events()
        self._published = {
            message: log for message, log in self._published.items() if not log.is_complete
        }
        if not self._published:
            self._has_published.clear()
        await asyncio.sleep(POLL_INTERVAL_SECONDS)

    async def _publish_new_events(self) -> None:
        behind = [published for published in self._published.values() if published.is_behind]
        if not behind:
            return
        pipe = self._redis.pipeline(transaction=True)
        commands = [published.write(pipe) for published in behind]
        results = await pipe.execute()
        for published, number in zip(behind, commands, strict=True):
            published.written(results[:number])
            results = results[number:]

    async def _read_step(self) -> None:
        """Read new events of the copied answers, and news of all answers."""
        if not self._last_news:
            newest = await self._redis.xrevrange(NEWS_STREAM, count=1)
            self._last_news = newest[0][0] if newest else "0-0"
        copies = {stream_of(message): copy.log for message, copy in self._copies.items()}
        wanted = {
            NEWS_STREAM: self._last_news,
            **{stream: f"{log.last}-0" for stream, log in copies.items()},
        }
        found = await self._redis.xread(wanted, block=READ_BLOCK_MS)
        self._warned = False
        for stream, entries in found:
            for number, entry in entries:
                if stream == NEWS_STREAM:
                    self._last_news = number
                    await self._handle_news(entry)
                else:
                    copies[stream].take(json.loads(entry["events"]))
        await asyncio.sleep(POLL_INTERVAL_SECONDS)

    async def _handle_news(self, news: dict[str, str]) -> None:
        if "stop" in news:
            if answer := runner.answer_here(news["stop"]):
                answer.stop()
        elif runner.answer_here(news["begun"]) is None:
            await announce(news["conversation"], news["begun"])


class _OpenRelay:
    relay: Relay | None = None


async def open_relay(url: str) -> None:
    """Open the relay of this process if `url` names a Redis server."""
    if url:
        _OpenRelay.relay = Relay(url)
        _OpenRelay.relay.open()


async def close_relay() -> None:
    """Publish the last events of this process and close its relay."""
    relay, _OpenRelay.relay = _OpenRelay.relay, None
    if relay is not None:
        await relay.close()


def publish(log: EventLog, conversation: str) -> None:
    """Publish the events of an answer of this process."""
    if _OpenRelay.relay is not None:
        _OpenRelay.relay.add(log, conversation)


async def stop_elsewhere(message: str) -> None:
    """Stop an answer that another process writes."""
    if _OpenRelay.relay is not None:
        await _OpenRelay.relay.stop(message)


@asynccontextmanager
async def copy_of(message: str) -> AsyncIterator[EventLog | None]:
    """Keep a copy of the log of an answer that another process writes; None if there is no copy."""
    if _OpenRelay.relay is None:
        yield None
        return
    async with _OpenRelay.relay.copy(message) as log:
        yield log
