"""Is this server alive, is it ready? For load balancers and start scripts: no sign-in, nothing that takes long."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from embedded.pulse import FRESH_SECONDS, freshest_pulse

WORKER_QUEUE = "index"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 as soon as the process serves."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 once database, migrations, broker and a worker answer, else 503 with what is missing."""
    missing = {name: sentence for name, check in CHECKS.items() if (sentence := check())}
    status = 503 if missing else 200
    return JsonResponse({"status": "missing" if missing else "ok", "missing": missing}, status=status)


def database() -> str:
    """Return what is wrong with the database, "" if nothing is."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _("The database does not answer.")
    return ""


def migrations() -> str:
    """Return what is wrong with the tables, "" if nothing is."""
    try:
        return "" if _migrated() else _("The tables are not up to date; run `manage.py migrate`.")
    except DatabaseError:
        return _("The database does not answer.")


def _migrated() -> bool:
    """Return whether all migrations have run; a yes is remembered, since asking takes long."""
    return _Migrated.yes or _Migrated.ask()


class _Migrated:
    yes = False

    @classmethod
    def ask(cls) -> bool:
        executor = MigrationExecutor(connection)
        cls.yes = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return cls.yes


def broker() -> str:
    """Return what is wrong with the broker, "" if nothing is."""
    folder = current_app.conf.broker_transport_options.get("folder")
    if folder is not None:
        return "" if _writable(Path(folder)) else _("The folder of the broker cannot be written to.")
    return "" if _redis_answers() else _("Redis does not answer.")


def _writable(folder: Path) -> bool:
    existing = folder if folder.exists() else folder.parent
    return os.access(existing, os.W_OK | os.X_OK)
