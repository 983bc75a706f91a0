"""The loop of a worker: take the next document, index it, until none is due or the worker has to stop.

Several threads of one process run it at once. One workspace never takes them all, so that a person's single document
does not wait behind somebody else's book. Which document is next is decided by `queue`.
"""

import threading
import uuid
from collections import Counter
from collections.abc import Callable

from django.conf import settings

from embedded.pulse import stopping
from ingestion import queue
from ingestion.indexing import index
from ingestion.leases import Lease, kept
from ingestion.models import Document
from ingestion.sources.bringing import bring


class Desk:
    """Which workspaces the threads of this process work for right now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: Counter[uuid.UUID] = Counter()

    def take(self) -> Document | None:
        """Claim the next document, leaving one thread to workspaces that have none."""
        with self._lock:
            document = queue.claim_next(leaving_out=self._served_enough())
            if document is not None:
                self._busy[document.workspace_id] += 1
            return document

    def leave(self, document: Document) -> None:
        """Say that the work on `document` is over."""
        with self._lock:
            self._busy[document.workspace_id] -= 1

    def _served_enough(self) -> list[uuid.UUID]:
        share = max(1, settings.WORKER_THREADS - 1)
        return [workspace for workspace, threads in self._busy.items() if threads >= share]


desk = Desk()


def index_waiting(call_another: Callable[[], None] = lambda: None) -> int:
    """Index documents until none is due, and return how many; `call_another` thread once, where more are due."""
    count = 0
    while not stopping.is_set() and (document := desk.take()) is not None:
        try:
            if not count and queue.due().exists():
                call_another()
            with kept(Lease(document, stopping)) as lease:
                if bring(document, lease):
                    index(document, lease)
        finally:
            desk.leave(document)
        count += 1
    return count
