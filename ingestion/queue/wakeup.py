"""Tells workers that there is something to do. A message is only that: if it is lost, a timer finds the rows."""

import logging
import threading
import time

from celery import current_app
from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)

INDEX_WAITING = "ingestion.tasks.index_waiting_documents"


def wake_workers() -> None:
    """Say that documents wait."""
    bell.ring()


def wake(task: str) -> None:
    """Send the message. Trouble with the broker is logged and no more: what is to be done is safe in its rows."""
    try:
        current_app.send_task(task, retry=False)
    except (KombuError, OSError) as error:
        logger.warning("Workers could not be told of %s; the timer will tell them: %s", task, error)


class Bell:
    """Wakes workers at once, but not again within `pause` seconds: what comes then has one message at their end.

    Whether others wait already would be no sign that a worker comes: of documents that arrive at the same moment each
    would leave it to the others.
    """

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._lock = threading.Lock()
        self._next = 0.0
        self._is_set = False

    def ring(self) -> None:
        """Send the message, or see to it that it is sent."""
        with self._lock:
            wait = self._next - time.monotonic()
            if wait > 0:
                self._set(wait)
                return
            self._next = time.monotonic() + self._pause
        wake(INDEX_WAITING)

    def _set(self, wait: float) -> None:
        if self._is_set:
            return
        try:
            threading.Timer(wait, self._ring_late).start()
        except RuntimeError as error:  # No more threads to be had: nothing that whoever adds documents should fail for.
            logger.warning("Workers could not be told; the timer will tell them: %s", error)
        else:
            self._is_set = True

    def _ring_late(self) -> None:
        with self._lock:
            self._is_set = False
            self._next = time.monotonic() + self._pause
        wake(INDEX_WAITING)


bell = Bell(pause=0.1)
