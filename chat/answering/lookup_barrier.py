"""LookupBarrier: models wait while other questions of the same person are still being looked up.

A lookup takes the processor for some milliseconds. Between the tokens of a running answer it would
delay those tokens, and no answer would be complete earlier. Questions of other people do not wait.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

MAX_WAIT_SECONDS: Final = 1.0


class LookupBarrier:
    """The lookups of one person that are in progress."""

    def __init__(self) -> None:
        self._lookups = 0
        self._open = asyncio.Event()

    @contextmanager
    def lookup(self) -> Iterator[None]:
        """Keep the barrier closed for the duration of the block."""
        if not self._lookups:
            self._open = asyncio.Event()
        self._lookups += 1
        try:
            yield
        finally:
            self._lookups -= 1
            if not self._lookups:
                self._open.set()

    async def wait(self) -> None:
        """Wait until no lookup is in progress, at most MAX_WAIT_SECONDS."""
        if self._lookups:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._open.wait(), MAX_WAIT_SECONDS)


_barriers: Final[WeakValueDictionary[UUID, LookupBarrier]] = WeakValueDictionary()


def barrier_of(person: UUID) -> LookupBarrier:
    """Return the barrier that all questions of this person share."""
    return _barriers.setdefault(person, LookupBarrier())
