"""Whether the parts answer: database, tables, broker, worker. Asked by /readyz and by `doctor`; quick, never raises.

Each function returns the sentence to show, "" when nothing is wrong.
"""

import os
from pathlib import Path

import psycopg
from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from embedded.health.heartbeat import FRESH_SECONDS
from embedded.health.heartbeat_files import freshest_pulse
from embedded.processes.programs import INDEX

PATIENCE_SECONDS = 2


def missing() -> dict[str, str]:
    """Return what keeps this server from being ready: the part's name and a sentence."""
    found = {"database": database(), "broker": broker(), "worker": worker()}
    if not found["database"]:
        found["migrations"] = migrations()
    return {name: sentence for name, sentence in found.items() if sentence}


def database() -> str:
    """Say no more than that it does not answer: /readyz is open to everybody."""
    return _("The database is not responding.") if database_error() else ""


def database_error() -> str:
    """Return what PostgreSQL or libpq says of a connection that fails: no such database, wrong password, host.

    Looks past the pool of connections, which would wait for long before it says that there is no database.
    """
    parameters = connection.get_connection_params()
    try:
        psycopg.connect(**{**parameters, "connect_timeout": PATIENCE_SECONDS}).close()
    except psycopg.Error as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


def migrations() -> str:
    """Return "" once all migrations have run. Asking takes a while, so a yes is remembered."""
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
    """Try the folder of the messages, or the server that keeps them."""
    folder = current_app.conf.broker_transport_options.get("folder")
    if folder is not None:
        return "" if _writable(Path(folder)) else _("The broker's folder is not writable.")
    try:
        with current_app.connection_for_write(connect_timeout=PATIENCE_SECONDS) as server:
            server.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE_SECONDS)
    except OperationalError:
        return _("Redis is not responding.")
    return ""


def _writable(folder: Path) -> bool:
    return os.access(folder if folder.exists() else folder.parent, os.W_OK | os.X_OK)


def worker() -> str:
    """Look for a worker that indexes documents and showed a pulse just now."""
    age = freshest_pulse(Path(current_app.conf.pulse_folder), INDEX)
    return "" if age is not None and age < FRESH_SECONDS else _("No worker is running.")
