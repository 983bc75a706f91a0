"""The loop of a worker: take what is next, index it, until nothing is due or the worker has to stop.

Several threads of one process run it at once. One workspace never takes them all, so that a person's single document
does not wait behind somebody else's book. Which documents are next is decided by `queue.claims`.
"""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Final

from django.conf import settings

from embedded.health.heartbeat import stopping
from ingestion.models import Document
from ingestion.pipeline.indexing import index, index_together
from ingestion.queue import claims
from ingestion.queue.leases import Lease, kept
from ingestion.sources.materialize import bring

CALL_EVERY: Final = 1.0  # Seconds: others may just have found nothing to do, or may just have been started.


class Desk:
    """Which workspaces the threads of this process work for right now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: Counter[uuid.UUID] = Counter()

    def take(self) -> list[Document]:
        """Claim what is next, leaving one thread to workspaces that have none."""
        with self._lock:
            documents = claims.claim_several(leaving_out=self._served_enough())
            if documents:
                self._busy[documents[0].workspace_id] += 1
            return documents

    def leave(self, documents: list[Document]) -> None:
        """Say that the work on what was taken is over."""
        with self._lock:
            self._busy[documents[0].workspace_id] -= 1

    @property
    def has_room(self) -> bool:
        """Whether some thread of this process has nothing to do, as far as is known here."""
        with self._lock:
            return self._busy.total() < settings.WORKER_THREADS

    def _served_enough(self) -> list[uuid.UUID]:
        share = max(1, settings.WORKER_THREADS - 1)
        return [workspace for workspace, threads in self._busy.items() if threads >= share]


desk = Desk()


def index_waiting(call_another: Callable[[], None] = lambda: None) -> int:
    """Index documents until none is due, and return how many; `call_another` thread while more are due.

    At first in any case, since another process may be free; after that only who is free here, or as long as all are at
    work there would be a message more every second that nobody takes.
    """
    count, called = 0, -CALL_EVERY
    while not stopping.is_set() and (documents := desk.take()):
        try:
            is_time = time.monotonic() - called >= CALL_EVERY and (not count or desk.has_room)
            if is_time and claims.due().exists():
                call_another()
                called = time.monotonic()
            _index([Lease(document, stopping) for document in documents])
        finally:
            desk.leave(documents)
        count += len(documents)
    return count


def _index(leases: list[Lease]) -> None:
    with kept(*leases):
        if len(leases) > 1:
            index_together(leases)
        elif bring(leases[0].document, leases[0]):
            index(leases[0].document, leases[0])
