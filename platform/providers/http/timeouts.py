"""Time limits of requests to model servers and of their streams.

A server that is busy or loads a model may send keep-alives (comments, blank lines, empty deltas)
for minutes. A stream ends after a time without any data, or after a longer time with keep-alives
only.
"""

import time
from dataclasses import dataclass
from typing import Final

_END_OF_STREAM_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds: to connect, to the first token, and of silence after it."""

    connect: float = 5.0
    first_token: float = 300.0
    silence: float = 120.0


DEFAULT_TIMEOUTS: Final = Timeouts()


class StreamTimer:
    """The remaining time of one stream; its reader reports each arrival of data and each token.

    Before the first token, the limit without data is `first_token`, and with keep-alives twice
    that: ten minutes by default, after which DeepSeek closes the stream. After the first token the
    limits are `silence` and `first_token`.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._started = self._last_data = self._last_token = time.monotonic()
        self._max_silence = timeouts.first_token
        self._max_without_token = 2 * timeouts.first_token
        self.has_token = False

    def data_arrived(self) -> None:
        """Data arrived."""
        self._last_data = time.monotonic()

    def token_arrived(self) -> None:
        """A token arrived."""
        self._last_token = self._last_data
        if not self.has_token:
            self.has_token = True
            self._max_silence = self._timeouts.silence
            self._max_without_token = max(self._timeouts.first_token, self._timeouts.silence)

    def answer_completed(self) -> None:
        """The answer is complete; only the end of the stream is outstanding."""
        self._max_silence = self._max_without_token = _END_OF_STREAM_SECONDS

    @property
    def seconds_left(self) -> float:
        """The seconds until the stream times out without data."""
        return max(
            0.0,
            min(self._last_data + self._max_silence, self._last_token + self._max_without_token)
            - time.monotonic(),
        )

    @property
    def seconds_waited(self) -> float:
        """The seconds since the request was sent."""
        return time.monotonic() - self._started
