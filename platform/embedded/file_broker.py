"""Celery's broker without a server: each message is a file.

Messages only wake workers, so none is indispensable.

kombu's file transport can deliver a half-written message, loses queues if two processes start at
the same time, and sorts the folder for each message. This transport renames complete files into
place, keeps bindings in each process (all queues are declared by name), and lists the folder once
per batch.
"""

import logging
import os
import time
import uuid
from collections import deque
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any
from urllib.parse import urlsplit

from kombu.transport import virtual
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1
MAX_WAIT_SECONDS = 0.3  # A worker checks for a stop request between waits.


def broker_settings(data_dir: Path, redis_url: str) -> dict[str, Any]:
    """Return Celery's broker settings: Redis if `redis_url` is given, else a folder."""
    shared = {
        "heartbeat_folder": str(data_dir / "pulse"),
        "broker_connection_retry_on_startup": True,
    }
    if redis_url:
        return {**shared, **_redis_settings(redis_url)}
    return {
        **shared,
        "broker_url": "folder://localhost",
        "broker_transport": "embedded.file_broker:FileTransport",
        "broker_transport_options": {
            "folder": str(data_dir / "broker"),
            "polling_interval": POLL_SECONDS,
        },
    }


def _redis_settings(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    # Without this option kombu connects to rediss:// without TLS.
    ssl = (
        {"ssl_cert_reqs": "required"}
        if parts.scheme == "rediss" and "ssl_" not in parts.query
        else None
    )
    timeouts = {"socket_timeout": 5, "socket_connect_timeout": 2, "socket_keepalive": True}
    return {
        "broker_url": url,
        "broker_use_ssl": ssl,
        "broker_connection_max_retries": None,
        # Without it Celery warns at each lost connection. It affects late-acknowledged tasks, of
        # which there are none.
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "broker_transport_options": {"global_keyprefix": "reading-room:", **timeouts},
    }


class Channel(virtual.Channel):
    """Queues are folders, messages are files, oldest first.

    The process that removes a file owns its message.
    """

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self._root = Path(connection.client.transport_options["folder"])
        self._waiting: dict[str, deque[str]] = {}

    def _new_queue(self, queue: str, **_kwargs: Any) -> None:
        with suppress(OSError):  # /readyz reports a folder that cannot be written.
            (self._root / queue).mkdir(mode=0o700, parents=True, exist_ok=True)

    def _put(self, queue: str, message: Any, **_kwargs: Any) -> None:
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        aside = self._root / queue / f".{name}"
        try:
            self._new_queue(queue)
            aside.write_bytes(str_to_bytes(dumps(message)))
            aside.rename(aside.with_name(name))
        except OSError as exc:
            # Rows are the queue, and the timetable wakes the workers again, so the sender must not
            # fail.
            logger.warning("A message to %s could not be left: %s", queue, exc.strerror)
            with suppress(OSError):
                aside.unlink()

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        waiting = self._waiting.setdefault(queue, deque())
        if not waiting:
            waiting.extend(sorted(self._names(queue)))
        while waiting:
            message = _take(self._root / queue / waiting.popleft())
            if message is not None:
                return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._names(queue))

    def _purge(self, queue: str) -> int:
        return sum(_take(self._root / queue / name) is not None for name in self._names(queue))

    def _names(self, queue: str) -> list[str]:
        with suppress(OSError):
            return [name for name in os.listdir(self._root / queue) if not name.startswith(".")]
        return []


def _take(path: Path) -> Any:
    """Remove the message in `path` and return it.

    Returns None if another process took the message, or if it is malformed.
    """
    try:
        content = path.read_bytes()
        path.unlink()
        return loads(bytes_to_str(content))
    except (FileNotFoundError, ValueError):
        return None


class FileTransport(virtual.Transport):
    """The file transport; all connections of a process share one table of queues."""

    Channel = Channel
    global_state = virtual.BrokerState()
    driver_type = "folder"
    driver_name = "folder"

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = self.global_state

    def drain_events(self, connection: Any, timeout: float | None = None, **_kwargs: Any) -> None:
        """Wait at most MAX_WAIT_SECONDS for a message."""
        super().drain_events(connection, timeout=min(timeout or MAX_WAIT_SECONDS, MAX_WAIT_SECONDS))

    def driver_version(self) -> str:
        """Return a version, which kombu requires."""
        return "1"
