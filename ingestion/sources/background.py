"""Jobs that may wait long for other hosts, in threads beside the other maintenance.

A hanging share or web server then delays nothing else. The state of the jobs is in the database, so
nothing is lost when the process ends.
"""

import logging
import threading
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

_running: dict[str, threading.Thread] = {}
_lock = threading.Lock()


def aside(name: str, work: Callable[[], object]) -> threading.Thread:
    """Run `work` in a thread, unless the thread of this name still runs; return that thread."""
    with _lock:
        thread = _running.get(name)
        if thread is None or not thread.is_alive():
            thread = _running[name] = threading.Thread(
                target=_done, args=(name, work), name=name, daemon=True
            )
            thread.start()
        return thread


def _done(name: str, work: Callable[[], object]) -> None:
    try:
        work()
    except (OperationalError, InterfaceError):
        logger.warning("The database cannot be reached; %s come again later.", name)
    except Exception:  # The edge of the thread: the next run may succeed.
        logger.exception("What was to be done about %s failed.", name)
    finally:
        connection.close()
