"""Messages that tell workers about due documents.

A lost message costs time only: a timer looks at the rows as well.
"""

import logging
import threading
import time

from celery import current_app
from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)

INDEX_WAITING = "ingestion.tasks.index_waiting_documents"
WAKEUP_PAUSE_SECONDS = 0.1


def wake_workers() -> None:
    """Tell workers that documents are due."""
    wakeup.notify()


def wake(task: str) -> None:
    """Send the message. A failing broker is only logged, since the rows hold the work."""
    try:
        current_app.send_task(task, retry=False)
    except (KombuError, OSError) as error:
        logger.warning("Workers could not be told of %s; the timer will tell them: %s", task, error)


class DebouncedWakeup:
    """Sends a message at once, then at most one per `pause` seconds, including the last call.

    The length of the queue cannot replace the timer: of documents added at the same moment each
    would find the others waiting and send no message.
    """

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._lock = threading.Lock()
        self._next = 0.0
        self._is_scheduled = False

    def notify(self) -> None:
        """Send the message now, or at the end of the pause."""
        with self._lock:
            wait = self._next - time.monotonic()
            if wait > 0:
                self._schedule(wait)
                return
            self._next = time.monotonic() + self._pause
        wake(INDEX_WAITING)

    def _schedule(self, wait: float) -> None:
        if self._is_scheduled:
            return

        def send() -> None:
            with self._lock:
                self._is_scheduled = False
                self._next = time.monotonic() + self._pause
            wake(INDEX_WAITING)

        try:
            threading.Timer(wait, send).start()
        except (
            RuntimeError
        ) as error:  # No thread can be started; the documents are stored all the same.
            logger.warning("Workers could not be told; the timer will tell them: %s", error)
        else:
            self._is_scheduled = True


wakeup = DebouncedWakeup(WAKEUP_PAUSE_SECONDS)
