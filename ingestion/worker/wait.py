"""Waits for documents to be finished, and does the work itself where no worker is there to do it."""

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

from embedded.health.heartbeat import FRESH_SECONDS, stopping
from embedded.health.heartbeat_files import freshest_pulse
from ingestion.documents.services import UNFINISHED
from ingestion.models import Document
from ingestion.worker import loop

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.3


def wait_for(documents: Collection[UUID], *, seen: Callable[[int], None]) -> None:
    """Return once none of `documents` is unfinished; `seen` hears again and again how many still are."""
    with somebody_working():
        wanted = Document.objects.filter(Q(pk__in=documents) | Q(archive__in=documents), status__in=UNFINISHED)
        while left := wanted.count():
            seen(left)
            time.sleep(LOOK_EVERY)
    seen(0)


@contextmanager
def somebody_working() -> Iterator[None]:
    """Have documents indexed while the block runs: in this process, unless a worker is alive."""
    age = freshest_pulse(Path(current_app.conf.pulse_folder), current_app.conf.task_default_queue)
    threads = [] if age is not None and age < FRESH_SECONDS else _started()
    try:
        yield
    finally:
        if threads:
            stopping.set()
        for thread in threads:
            thread.join()


def _started() -> list[threading.Thread]:
    stopping.clear()
    threads = [threading.Thread(target=_work, name=f"indexing-{number}") for number in range(settings.WORKER_THREADS)]
    for thread in threads:
        thread.start()
    return threads


def _work() -> None:
    try:
        while not stopping.wait(LOOK_EVERY):
            _index_waiting()
    finally:
        connection.close()


def _index_waiting() -> None:
    try:
        loop.index_waiting()
    except (OperationalError, InterfaceError):
        logger.warning("The database cannot be reached; trying again.")
        connection.close()
