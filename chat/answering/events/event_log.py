"""EventLog: the numbered events of one answer in memory, which each reader follows with a cursor."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

Event = dict[str, Any]


class EventLog:
    """Events of one writer, numbered from 1 without gaps.

    Readers miss no event and do not slow down each other.
    """

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
        """Add an event and wake the waiting readers."""
        self.events.append({**members, "type": kind, "message": self.message, "seq": self.last + 1})
        self._wake()

    def end(self, **members: Any) -> None:
        """Add `message.done`, the last event."""
        self.ended = True
        self.append("message.done", **members)

    def take(self, events: Sequence[Event]) -> None:
        """Copy events of another process, except those already here; a gap breaks off the log."""
        for event in events[max(0, self.last + 1 - events[0]["seq"]) :]:
            if event["seq"] != self.last + 1:
                self.break_off()
                return
            self.ended = event["type"] == "message.done"
            self.events.append(event)
        self._wake()

    def break_off(self) -> None:
        """Tell readers that no event follows here, although the answer has not ended."""
        self.broken = True
        self._wake()

    async def after(self, seq: int, *, max_silence: float | None = None) -> AsyncIterator[Event]:
        """Yield past and future events after number `seq`, until the last event of the answer.

        Also ends after `max_silence` seconds without an event.
        """
        while True:
            news = (
                self._news
            )  # Read before the events: an event that is added in between sets this one.
            while seq < self.last:
                yield self.events[seq]
                seq += 1
            if self.ended or self.broken:
                return
            try:
                async with asyncio.timeout(max_silence):
                    await news.wait()
            except TimeoutError:
                return

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
