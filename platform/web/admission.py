"""Admission to expensive work: a bounded number of slots, given to users in turns.

The requests of each user keep their order.

Users take turns for freed slots, so a flood of one user delays others by single pieces of work.
This module admits work and does not run it.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Hashable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from threading import Lock
from typing import TypeAlias

from django.utils.translation import gettext as _

from web.database import release_connection
from web.exceptions import Refusal

Ticket: TypeAlias = "Future[None]"


class TooManyWaiting(Refusal):
    """The queue of one person is full."""

    code = "too_many_requests"
    status = 429
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(
            _("You have reached the limit of waiting requests. Try again in a few seconds.")
        )


class Admission:
    """Admits work to `slots` slots; up to `waiting` more per person wait in a queue.

    `refusal` is raised if the queue is full.

    A person holds at most `each` slots, so that with fewer than `slots` some stay free for others.
    """

    def __init__(
        self,
        slots: int,
        waiting: int,
        refusal: type[TooManyWaiting] | None = None,
        *,
        each: int | None = None,
    ) -> None:
        self.slots, self.waiting, self.refusal = slots, waiting, refusal or TooManyWaiting
        self.each = slots if each is None else max(1, each)
        self._held: Counter[Hashable] = Counter()
        self._lines: OrderedDict[Hashable, deque[Ticket]] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def slot(self, person: Hashable) -> Iterator[None]:
        """Hold a slot for the block in a thread, which releases its connection before it waits."""
        ticket = self._enter(person)
        if not ticket.done():
            release_connection()
            ticket.result()
        try:
            yield
        finally:
            self._leave(person)

    @asynccontextmanager
    async def slot_async(self, person: Hashable) -> AsyncIterator[None]:
        """Hold a slot for the block, from a coroutine."""
        ticket = self._enter(person)
        if not ticket.done():
            try:
                await asyncio.wrap_future(ticket)
            except asyncio.CancelledError:
                if not ticket.cancel():
                    self._leave(person)
                raise
        try:
            yield
        finally:
            self._leave(person)

    def _enter(self, person: Hashable) -> Ticket:
        """Return a ticket, a future that is done once the person has a slot; raises `refusal`."""
        ticket: Ticket = Future()
        with self._lock:
            if self._held.total() < self.slots and self._held[person] < self.each:
                self._held[person] += 1
                ticket.set_result(None)
                return ticket
            if len(self._lines.get(person, ())) >= self.waiting:
                raise self.refusal
            self._lines.setdefault(person, deque()).append(ticket)
        return ticket

    def _leave(self, person: Hashable) -> None:
        """Free the slot of `person` and give it to the next person below the limit `each`."""
        with self._lock:
            self._held -= Counter([person])
            for waiting in [person for person in self._lines if self._held[person] < self.each]:
                if self._admit(waiting):
                    return

    def _admit(self, person: Hashable) -> bool:
        """Give a slot to the first waiting ticket of `person`, whose queue moves to the end."""
        line = self._lines.pop(person)
        while line:
            ticket = line.popleft()
            if ticket.set_running_or_notify_cancel():
                self._held[person] += 1
                if line:
                    self._lines[person] = line
                ticket.set_result(None)
                return True
        return False
