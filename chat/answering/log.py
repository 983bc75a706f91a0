"""The numbered events of one answer, in memory. Any number of readers follow, each at its own pace, with a cursor."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

Event = dict[str, Any]


class Log:
    """Events numbered from 1, without gaps. One writer; readers lose nothing and wait for nobody."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.events: list[Event] = []
        self.ended = False
        self._news = asyncio.Event()

    @property
    def last(self) -> int:
        """The number of the newest event, 0 before the first."""
        return len(self.events)

    def append(self, kind: str, **members: Any) -> None:
        """Add an event and wake whoever waits for one."""
        self.events.append({**members, "type": kind, "message": self.message, "seq": self.last + 1})
        self._wake()

    def end(self, **members: Any) -> None:
        """Add `message.done`, the last event there will be."""
        self.ended = True
        self.append("message.done", **members)

    async def after(self, seq: int) -> AsyncIterator[Event]:
        """Yield the events after number `seq`, those that are there and those to come, until the end."""
        while True:
            news = self._news  # Taken before looking, so that nothing can slip in between unnoticed.
            while seq < self.last:
                yield self.events[seq]
                seq += 1
            if self.ended:
                return
            await news.wait()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
