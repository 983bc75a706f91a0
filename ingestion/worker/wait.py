"""Waits until documents are finished, and indexes them in this process if no worker is alive."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Q

from embedded.health.heartbeat import MAX_HEARTBEAT_AGE_SECONDS, stopping
from embedded.health.heartbeat_files import last_heartbeat_age
from ingestion.documents.services import UNFINISHED
from ingestion.models import Document
from ingestion.worker import loop

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.3


def wait_for(documents: Collection[UUID], *, seen: Callable[[int], None]) -> None:
    """Return once none of `documents` is unfinished.

    `seen` is called with the number that still are.
    """
    with local_workers():
        wanted = Document.objects.filter(
            Q(pk__in=documents) | Q(archive__in=documents), status__in=UNFINISHED
        )
        while left := wanted.count():
            seen(left)
            time.sleep(POLL_SECONDS)
    seen(0)


@contextmanager
def local_workers() -> Iterator[None]:
    """Index documents in threads of this process while the block runs, unless a worker is alive."""
    age = last_heartbeat_age(
        Path(current_app.conf.heartbeat_folder), current_app.conf.task_default_queue
    )
    threads = []
    if age is None or age >= MAX_HEARTBEAT_AGE_SECONDS:
        stopping.clear()
        threads = [
            threading.Thread(target=_work, name=f"indexing-{n}")
            for n in range(settings.WORKER_THREADS)
        ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        if threads:
            stopping.set()
        for thread in threads:
            thread.join()


def _work() -> None:
    try:
        while not stopping.wait(POLL_SECONDS):
            try:
                loop.index_waiting()
            except (OperationalError, InterfaceError):
                logger.warning("The database cannot be reached; trying again.")
                connection.close()
    finally:
        connection.close()
