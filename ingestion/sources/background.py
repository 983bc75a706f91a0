"""Work that may wait long for other hosts, in a thread beside the other maintenance.

A share or a web server that hangs then delays nothing else. The rows hold the work, so nothing is
lost when the process ends.
"""

import logging
import threading
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

_running: dict[str, threading.Thread] = {}
_lock = threading.Lock()


def aside(name: str, work: Callable[[], object]) -> threading.Thread:
    """Do `work` in a thread, unless the one of this name is still at it; return that thread."""
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
    except Exception:  # The edge: the next time may go better.
        logger.exception("What was to be done about %s failed.", name)
    finally:
        connection.close()
