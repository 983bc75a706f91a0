"""A snapshot of connections and server settings, cached in this process.

It is at most MAX_AGE_SECONDS old, and is reloaded after a change in this process. Asynchronous code
gets the last snapshot at any age, since it must not wait for the database; the database work before
an answer has refreshed it.
"""

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from providers.connections.factory import server_of
from providers.connections.source import OfferedModel, ServerSource
from providers.exceptions import ProviderRefused
from providers.models import Connection, Model, ServerSetting
from providers.protocols import ModelServer

MAX_AGE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of the database at `read_at`."""

    sources: Mapping[str, ServerSource]
    settings: Mapping[str, Any]
    read_at: float

    @property
    def is_fresh(self) -> bool:
        """Whether the snapshot is younger than MAX_AGE_SECONDS."""
        return time.monotonic() - self.read_at < MAX_AGE_SECONDS


@dataclass(frozen=True, slots=True)
class _CachedServer:
    """A server object, and the fields of its row on which it depends."""

    row: tuple[str, str, bytes]
    server: ModelServer


_lock = threading.Lock()
_current: Snapshot | None = None
_servers: dict[UUID, _CachedServer] = {}


def current() -> Snapshot:
    """Return the snapshot, reloaded if it is too old."""
    global _current
    known = _current
    if known is not None and (known.is_fresh or _in_event_loop()):
        return known
    with _lock:
        if _current is None or not _current.is_fresh:
            _current = Snapshot(
                _sources(),
                dict(ServerSetting.objects.values_list("name", "value")),
                time.monotonic(),
            )
        return _current


def forget() -> None:
    """Reload at next use, and again after the current transaction commits."""
    clear()
    transaction.on_commit(clear)


def clear() -> None:
    """Reload at next use."""
    global _current
    _current = None


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _sources() -> dict[str, ServerSource]:
    connections = {
        connection.pk: connection for connection in Connection.objects.enabled().of_models()
    }
    offered: dict[UUID, dict[str, OfferedModel]] = {pk: {} for pk in connections}
    if connections:
        for row in Model.objects.serving().select_related("connection").prefetch_related("groups"):
            offered.setdefault(row.connection_id, {})[row.name] = OfferedModel.read(row)
    for gone in _servers.keys() - connections.keys():
        _servers.pop(gone, None)
    return {
        c.slug: ServerSource(c.slug, c.name, offered[pk], _server(c))
        for pk, c in connections.items()
    }


def _server(connection: Connection) -> ModelServer | None:
    """Return the server object, cached while its row is unchanged; None if its key is lost."""
    row = (connection.kind, connection.base_url, bytes(connection.sealed_key or b""))
    known = _servers.get(connection.pk)
    if known is None or known.row != row:
        try:
            known = _servers[connection.pk] = _CachedServer(row, server_of(connection))
        except ProviderRefused:  # Its key is lost.
            return None
    return known.server
