"""What is written here, on its way to other processes: how far each answer's events are in its stream in Redis.

A stream always holds an answer from its first event on. An entry holds the events of one moment and has the number of
the last of them, so that whoever has read up to some event knows what to ask for.
"""

import json
from typing import Any, Final

from chat.answering.events.event_log import Log

NEWS: Final = "reading-room:news"
# Some models are silent for longer: a stream that has gone is written anew.
KEPT_SECONDS: Final = 300
NEWS_KEPT: Final = 1000


def stream_of(message: str) -> str:
    """Return the name of an answer's stream."""
    return f"reading-room:answer:{message}"


class Outgoing:
    """One answer that is passed on."""

    def __init__(self, log: Log, conversation: str) -> None:
        self.log = log
        self._conversation = conversation
        self._upto = 0
        self._next = 0

    @property
    def is_behind(self) -> bool:
        """Whether there are events that have not been passed on."""
        return self._upto < self.log.last

    @property
    def is_complete(self) -> bool:
        """Whether all has been passed on that will ever come."""
        return self.log.ended and not self.is_behind

    def write(self, pipe: Any) -> int:
        """Add the commands that pass on what is new; return how many they are."""
        self._next = self.log.last
        stream, entry = stream_of(self.log.message), {"events": json.dumps(self.log.events[self._upto : self._next])}
        if self._upto:
            pipe.xadd(stream, entry, id=f"{self._next}-0", nomkstream=True)
            pipe.expire(stream, KEPT_SECONDS)
            return 2
        pipe.delete(stream)
        pipe.xadd(stream, entry, id=f"{self._next}-0")
        pipe.expire(stream, KEPT_SECONDS)
        begun = {"begun": self.log.message, "conversation": self._conversation}
        pipe.xadd(NEWS, begun, maxlen=NEWS_KEPT, approximate=True)
        return 4

    def written(self, results: list[Any]) -> None:
        """Note that it has been passed on, if the stream was still there."""
        self._upto = 0 if self._upto and results[0] is None else self._next

    def begin_again(self) -> None:
        """Pass on everything once more: nobody knows what has become of the stream."""
        self._upto = 0
