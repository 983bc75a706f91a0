"""How long a model server is waited for, and how long a stream of it may keep silent.

A server that is busy or loads a model may send signs of life (comments, blank lines, empty deltas) for minutes. They
count, but not for ever: a stream ends when nothing at all came for a while, or nothing worth reading for a longer one.
"""

import time
from dataclasses import dataclass
from typing import Final

_PARTING: Final = 2.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds: to connect, to the first token, and of silence after it."""

    connect: float = 5.0
    first_token: float = 300.0
    silence: float = 120.0


DEFAULT: Final = Timeouts()


class Patience:
    """What is left of it for one stream: tell it of each sign of life and of each token.

    Before the first token nothing at all may come for `first_token` seconds, and signs of life alone for twice that:
    by default ten minutes, after which DeepSeek itself gives up. After it `silence` counts, and for signs of life
    alone `first_token`.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._began = self._life = self._token = time.monotonic()
        self._still = timeouts.first_token
        self._empty = 2 * timeouts.first_token
        self.begun = False

    def life(self) -> None:
        """Something came."""
        self._life = time.monotonic()

    def token(self) -> None:
        """Something worth reading came."""
        self._token = self._life
        if not self.begun:
            self.begun = True
            self._still = self._timeouts.silence
            self._empty = max(self._timeouts.first_token, self._timeouts.silence)

    def nearly_done(self) -> None:
        """The answer has ended; only the end of the stream is still to come."""
        self._still = self._empty = _PARTING

    @property
    def left(self) -> float:
        """How many seconds may pass until something comes."""
        return max(0.0, min(self._life + self._still, self._token + self._empty) - time.monotonic())

    @property
    def waited(self) -> float:
        """How many seconds have passed since the question was sent."""
        return time.monotonic() - self._began
