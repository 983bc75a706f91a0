"""What the database says about connections and about what is set for all, as this process last read it.

It is at most AGE seconds old, and read anew at once after a change in this very process. Asynchronous code gets what is
there, however old, since it must not wait for the database: whoever answers has visited the database just before.
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
from providers.connections.source import Offered, ServerSource
from providers.exceptions import ProviderRefused
from providers.models import Connection, Model, ServerSetting
from providers.protocols import ModelServer

AGE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading."""

    sources: Mapping[str, ServerSource]
    settings: Mapping[str, Any]
    read_at: float

    @property
    def is_fresh(self) -> bool:
        """Whether it may still be used without a look at the database."""
        return time.monotonic() - self.read_at < AGE


@dataclass(frozen=True, slots=True)
class _Known:
    """A server as one spoke to it, and all of the row that this depends on."""

    row: tuple[str, str, bytes]
    server: ModelServer


_lock = threading.Lock()
_current: Snapshot | None = None
_servers: dict[UUID, _Known] = {}


def current() -> Snapshot:
    """Return what is known, from the database where that is too old."""
    global _current
    known = _current
    if known is not None and (known.is_fresh or _in_event_loop()):
        return known
    with _lock:
        if _current is None or not _current.is_fresh:
            _current = Snapshot(_sources(), dict(ServerSetting.objects.values_list("name", "value")), time.monotonic())
        return _current


def forget() -> None:
    """Read anew when next asked, and once more when the change that is being made is there for all."""
    clear()
    transaction.on_commit(clear)


def clear() -> None:
    """Read anew when next asked."""
    global _current
    _current = None


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _sources() -> dict[str, ServerSource]:
    connections = {connection.pk: connection for connection in Connection.objects.enabled().of_models()}
    offered: dict[UUID, dict[str, Offered]] = {pk: {} for pk in connections}
    if connections:
        for row in Model.objects.serving().select_related("connection").prefetch_related("groups"):
            offered.setdefault(row.connection_id, {})[row.name] = Offered.read(row)
    for gone in _servers.keys() - connections.keys():
        _servers.pop(gone, None)
    return {c.slug: ServerSource(c.slug, c.name, offered[pk], _server(c)) for pk, c in connections.items()}


def _server(connection: Connection) -> ModelServer | None:
    """Return the server, the one of before as long as nothing about it has changed: it keeps its sockets."""
    row = (connection.kind, connection.base_url, bytes(connection.sealed_key or b""))
    known = _servers.get(connection.pk)
    if known is None or known.row != row:
        try:
            known = _servers[connection.pk] = _Known(row, server_of(connection))
        except ProviderRefused:  # Its key is lost.
            return None
    return known.server
