"""Rushes: where many ask at the same moment, what must be read for all of them is read before the first model speaks.

That reading takes the processor for some milliseconds a question. Done in between, it would tear holes into the answers
that have begun, and no answer would be complete any sooner.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

LONGEST: Final = 1.0  # Seconds; where questions never cease to come, nobody waits for all of them.


class Rush:
    """Those who are reading at this moment."""

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


rush: Final = Rush()
