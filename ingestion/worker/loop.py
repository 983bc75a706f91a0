"""The loop of a worker: claims and indexes documents until none is due or the worker stops.

Several threads of a process run the loop. One workspace never takes all of them, so that a single
document does not wait behind another workspace's book. `queue.claims` decides which documents are
next.
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
from ingestion.pipeline.indexing import index, index_batch
from ingestion.queue import claims
from ingestion.queue.leases import Lease, renewed

# Another worker may have found the queue empty a moment ago, or just started.
WAKEUP_INTERVAL_SECONDS: Final = 1.0


class WorkspaceScheduler:
    """Claims documents for the threads of a process; one thread is kept for idle workspaces."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: Counter[uuid.UUID] = Counter()

    def take(self) -> list[Document]:
        """Claim the next document, or several small ones of its workspace."""
        share = max(1, settings.WORKER_THREADS - 1)
        with self._lock:
            full = [workspace for workspace, threads in self._busy.items() if threads >= share]
            documents = claims.claim_several(leaving_out=full)
            if documents:
                self._busy[documents[0].workspace_id] += 1
            return documents

    def release(self, documents: list[Document]) -> None:
        """Count the thread that indexed `documents` as free again."""
        with self._lock:
            self._busy[documents[0].workspace_id] -= 1

    @property
    def has_idle_thread(self) -> bool:
        """Whether fewer documents are in work in this process than it has threads."""
        with self._lock:
            return self._busy.total() < settings.WORKER_THREADS


scheduler = WorkspaceScheduler()


def index_waiting(wake_another: Callable[[], None] = lambda: None) -> int:
    """Index documents until none is due, and return how many.

    While more are due, `wake_another` is called about once a second: the first time in any case,
    since another process may be idle, later only if this process has an idle thread. Otherwise
    messages that no thread takes would pile up.
    """
    count, woken = 0, -WAKEUP_INTERVAL_SECONDS
    while not stopping.is_set() and (documents := scheduler.take()):
        try:
            is_time = time.monotonic() - woken >= WAKEUP_INTERVAL_SECONDS and (
                not count or scheduler.has_idle_thread
            )
            if is_time and claims.due().exists():
                wake_another()
                woken = time.monotonic()
            leases = [Lease(document, stopping) for document in documents]
            with renewed(*leases):
                if len(leases) > 1:
                    index_batch(leases)
                else:
                    index(documents[0], leases[0])
        finally:
            scheduler.release(documents)
        count += len(documents)
    return count
