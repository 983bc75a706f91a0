"""The numbered events of one answer, in memory. Any number of readers follow, each at its own pace, with a cursor."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

Event = dict[str, Any]


class Log:
    """Events numbered from 1, without gaps. One writer; readers lose nothing and wait for nobody."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.events: list[Event] = []
        self.ended = False
        self.broken = False
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

    def take(self, events: Sequence[Event]) -> None:
        """Add events that were numbered elsewhere, those that are here already left out; a gap breaks the log off."""
        for event in events[max(0, self.last + 1 - events[0]["seq"]) :]:
            if event["seq"] != self.last + 1:
                self.break_off()
                return
            self.ended = event["type"] == "message.done"
            self.events.append(event)
        self._wake()

    def break_off(self) -> None:
        """Let readers know that nothing more will come, although it is not the end."""
        self.broken = True
        self._wake()

    async def after(self, seq: int, *, patience: float | None = None) -> AsyncIterator[Event]:
        """Yield the events after number `seq`, those that are there and those to come, until the end.

        With `patience` it also leaves off when nothing has come for so many seconds.
        """
        while True:
            news = self._news  # Taken before looking, so that nothing can slip in between unnoticed.
            while seq < self.last:
                yield self.events[seq]
                seq += 1
            if self.ended or self.broken:
                return
            try:
                async with asyncio.timeout(patience):
                    await news.wait()
            except TimeoutError:
                return

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
