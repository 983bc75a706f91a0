"""Leases on claimed documents: renew the claim during indexing, and report its loss.

A thread beside the worker does both every half second, so that a long call to a model server
neither loses the document nor misses a cancellation. Indexing itself does not belong here.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from ingestion.models import Document
from ingestion.queue import claims
from ingestion.queue.run_recorder import RunRecorder

logger = logging.getLogger(__name__)

# Between two writes of the progress, each of which also notices a cancellation.
HEARTBEAT_SECONDS = 0.5


class LeaseLost(Exception):
    """The document was cancelled, deleted, changed or taken over, or the worker has to stop."""


class Lease:
    """A worker's hold on one document, and the progress of its indexing."""

    def __init__(self, document: Document, stopping: threading.Event | None = None) -> None:
        self.document = document
        self.stage: str = Document.Stage.PARSE
        self.progress = 0.0
        self.done: int | None = None
        self.total: int | None = None
        self.run = RunRecorder(document)
        self._lost = threading.Event()
        self._stopping = stopping or threading.Event()

    @property
    def is_lost(self) -> bool:
        """Whether the work should end, since its result could not be written any more."""
        return self._lost.is_set() or self._stopping.is_set()

    def begin(self, stage: str, progress: float, **counts: Any) -> None:
        """Begin a stage; raises `LeaseLost`."""
        self.report(stage, progress)
        self.run.begin(stage, **counts)

    def report(
        self, stage: str, progress: float, done: int | None = None, total: int | None = None
    ) -> None:
        """Set the progress, from 0 to 1 over all stages; raises `LeaseLost`.

        `done` of `total` counts pages or chunks within the stage.
        """
        if self.is_lost:
            raise LeaseLost
        self.note(stage, progress, done, total)

    def note(
        self, stage: str, progress: float, done: int | None = None, total: int | None = None
    ) -> None:
        """Set the progress without raising; for callbacks of the parsing process."""
        self.stage, self.progress = stage, max(self.progress, progress)
        self.done, self.total = done, total

    def renew(self) -> None:
        """Write the progress to the row, or note that the claim is lost."""
        counted = {"done": self.done, "total": self.total}
        if not claims.renew(self.document, stage=self.stage, progress=self.progress, **counted):
            self._lost.set()


@contextmanager
def renewed(*leases: Lease) -> Iterator[None]:
    """Renew `leases` from a thread while the block runs."""
    done = threading.Event()

    def renew_all() -> None:
        try:
            while not done.wait(HEARTBEAT_SECONDS):
                for lease in leases:
                    if not lease.is_lost:
                        _renew(lease)
        finally:
            connection.close()

    thread = threading.Thread(target=renew_all, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(lease: Lease) -> None:
    try:
        lease.renew()
    except (DatabaseError, InterfaceError):
        # A lease lasts longer than a restart of the database, so the next heartbeat is early
        # enough.
        logger.warning("The lease on document %s could not be renewed.", lease.document.pk)
        connection.close()
