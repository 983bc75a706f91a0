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


DEFAULT: Final = Timeouts()


class Patience:
    """The remaining time of one stream, which reports each keep-alive and each token.

    Before the first token, the limit without data is `first_token`, and with keep-alives twice
    that: ten minutes by default, after which DeepSeek closes the stream. After the first token the
    limits are `silence` and `first_token`.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._began = self._life = self._token = time.monotonic()
        self._still = timeouts.first_token
        self._empty = 2 * timeouts.first_token
        self.begun = False

    def life(self) -> None:
        """Data arrived."""
        self._life = time.monotonic()

    def token(self) -> None:
        """A token arrived."""
        self._token = self._life
        if not self.begun:
            self.begun = True
            self._still = self._timeouts.silence
            self._empty = max(self._timeouts.first_token, self._timeouts.silence)

    def nearly_done(self) -> None:
        """The answer is complete; only the end of the stream is outstanding."""
        self._still = self._empty = _END_OF_STREAM_SECONDS

    @property
    def left(self) -> float:
        """The seconds until the stream times out without data."""
        return max(0.0, min(self._life + self._still, self._token + self._empty) - time.monotonic())

    @property
    def waited(self) -> float:
        """The seconds since the request was sent."""
        return time.monotonic() - self._began
