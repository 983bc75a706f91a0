"""Readiness of database, tables, broker and worker, for /readyz and `doctor`.

The checks are quick and never raise.

Each function returns the sentence to show, "" if the part is ready.
"""

import os
from pathlib import Path

import psycopg
from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from embedded.health.heartbeat import MAX_HEARTBEAT_AGE_SECONDS
from embedded.health.heartbeat_files import last_heartbeat_age
from embedded.processes.programs import INDEX_QUEUE

CONNECT_SECONDS = 2


def missing() -> dict[str, str]:
    """Return a sentence for each part that is not ready, by the name of the part."""
    found = {"database": database(), "broker": broker(), "worker": worker()}
    if not found["database"]:
        found["migrations"] = migrations()
    return {name: sentence for name, sentence in found.items() if sentence}


def database() -> str:
    """Check the connection. The sentence gives no details, because /readyz needs no login."""
    return _("The database is not responding.") if database_error() else ""


def database_error() -> str:
    """Return the message of PostgreSQL or libpq for a failed connection.

    Examples are an unknown database or host, and a wrong password.

    Connects without the connection pool, which waits for its timeout before it reports an error.
    """
    parameters = connection.get_connection_params()
    try:
        psycopg.connect(**{**parameters, "connect_timeout": CONNECT_SECONDS}).close()
    except psycopg.Error as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


def migrations() -> str:
    """Return "" once all migrations have run. The check is slow, so success is cached."""
    try:
        return "" if _Migrations.done() else _("The database schema is not up to date.")
    except DatabaseError:
        return _("The database is not responding.")


class _Migrations:
    _done = False

    @classmethod
    def done(cls) -> bool:
        if not cls._done:
            executor = MigrationExecutor(connection)
            cls._done = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return cls._done


def broker() -> str:
    """Check the folder of the messages, or connect to Redis."""
    folder = current_app.conf.broker_transport_options.get("folder")
    if folder is not None:
        path = Path(folder)
        is_writable = os.access(path if path.exists() else path.parent, os.W_OK | os.X_OK)
        return "" if is_writable else _("The broker's folder is not writable.")
    try:
        with current_app.connection_for_write(connect_timeout=CONNECT_SECONDS) as server:
            server.ensure_connection(max_retries=1, interval_start=0, timeout=CONNECT_SECONDS)
    except OperationalError:
        return _("Redis is not responding.")
    return ""


def worker() -> str:
    """Check for a fresh heartbeat of a worker that indexes documents."""
    age = last_heartbeat_age(Path(current_app.conf.heartbeat_folder), INDEX_QUEUE)
    return "" if age is not None and age < MAX_HEARTBEAT_AGE_SECONDS else _("No worker is running.")
