"""Rushes: where one person asks much at once, all of it is looked up before the first model speaks.

Looking up takes the processor for some milliseconds a question. Done in between, it would tear holes into the answers
that have begun, and no answer would be complete any sooner. Other people's questions do not wait for it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

LONGEST: Final = 1.0  # Seconds; where questions never cease to come, nobody waits for all of them.


class Rush:
    """The questions of one person that are being looked up at this moment."""

    def __init__(self) -> None:
        self._reading = 0
        self._over = asyncio.Event()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold up those who wait for the end of the rush for as long as the block takes."""
        if not self._reading:
            self._over = asyncio.Event()
        self._reading += 1
        try:
            yield
        finally:
            self._reading -= 1
            if not self._reading:
                self._over.set()

    async def over(self) -> None:
        """Wait until nobody is reading, or for LONGEST seconds."""
        if self._reading:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), LONGEST)


_rushes: Final[WeakValueDictionary[UUID, Rush]] = WeakValueDictionary()


def rush_of(person: UUID) -> Rush:
    """Return the rush that the questions of this person are part of."""
    return _rushes.setdefault(person, Rush())
