"""The lease on a claimed document: tells the row that work goes on, and the work when it is no longer wanted.

A thread beside the work does both, so that a long call to a model server neither loses the document nor misses that it
was cancelled. What the work is does not belong here.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from ingestion.models import Document
from ingestion.queue import claims
from ingestion.queue.run_recorder import Timeline

logger = logging.getLogger(__name__)

BEAT = 0.5  # Seconds: how often progress is written and a cancellation noticed.


class NoLongerWanted(Exception):
    """The document was cancelled, deleted, changed or taken over, or the worker has to stop."""


class Lease:
    """What the work on one document says about itself, and hears."""

    def __init__(self, document: Document, stopping: threading.Event | None = None) -> None:
        self.document = document
        self.stage: str = Document.Stage.PARSE
        self.progress = 0.0
        self.done: int | None = None
        self.total: int | None = None
        self.timeline = Timeline(document)
        self._lost = threading.Event()
        self._stopping = stopping or threading.Event()

    @property
    def is_lost(self) -> bool:
        """Whether the work should end: nobody will take its result."""
        return self._lost.is_set() or self._stopping.is_set()

    def begin(self, stage: str, progress: float, **counts: Any) -> None:
        """Say that a stage begins; raises `NoLongerWanted`."""
        self.report(stage, progress)
        self.timeline.begin(stage, **counts)

    def report(self, stage: str, progress: float, done: int | None = None, total: int | None = None) -> None:
        """Say how far the work is, from 0 to 1 over all stages; raises `NoLongerWanted`.

        `done` of `total` counts what the stage is about: pages, chunks.
        """
        if self.is_lost:
            raise NoLongerWanted
        self.note(stage, progress, done, total)

    def note(self, stage: str, progress: float, done: int | None = None, total: int | None = None) -> None:
        """Say how far the work is, and go on whatever has happened."""
        self.stage, self.progress = stage, max(self.progress, progress)
        self.done, self.total = done, total

    def beat(self) -> None:
        """Write down how far the work is, and hear whether it is still wanted."""
        counted = {"done": self.done, "total": self.total}
        if not claims.keep_hold(self.document, stage=self.stage, progress=self.progress, **counted):
            self._lost.set()


@contextmanager
def kept(*leases: Lease) -> Iterator[None]:
    """Keep `leases` alive while the block runs."""
    done = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(leases, done), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat_until(leases: Sequence[Lease], done: threading.Event) -> None:
    try:
        while not done.wait(BEAT):
            for lease in leases:
                if not lease.is_lost:
                    _try_to_beat(lease)
    finally:
        connection.close()


def _try_to_beat(lease: Lease) -> None:
    try:
        lease.beat()
    except (DatabaseError, InterfaceError):
        # The lease is longer than a restart of the database; the next beat finds it up again.
        logger.warning("The lease on document %s could not be renewed.", lease.document.pk)
        connection.close()
