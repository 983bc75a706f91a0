"""The checks of `manage.py doctor`: one function per part, which returns a finding with advice.

Other apps add their checks as receivers of `embedded.signals.doctor_checks_requested`.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from embedded.data_dir import checks, lock
from embedded.exceptions import CannotStart
from embedded.health import readiness
from embedded.postgres import preparation
from embedded.postgres import server as postgres
from embedded.processes import options
from embedded.signals import doctor_checks_requested

PARSER_LIBRARIES = [
    "pypdfium2",
    "lxml.html",
    "striprtf.striprtf",
    "xlrd",
    "msoffcrypto",
    "trafilatura",
    "rapidocr",
]
# `disk` reports less free space than this, which suffices for some hundred documents. Below
# data_dir.checks.MIN_FREE_MEGABYTES nothing starts.
LOW_FREE_MEGABYTES = 1_024


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for one part, with `advice` if it is not `ok`."""

    name: str
    ok: bool
    detail: str
    advice: str = ""


Check = Callable[[], Finding]


def checks_of_apps() -> list[Check]:
    """Return the checks that other apps add, in the order of INSTALLED_APPS."""
    answers: list[tuple[Any, Any]] = doctor_checks_requested.send(sender=None)
    return [check for _receiver, checks in answers for check in checks]


def examine() -> Iterator[Finding]:
    """Check every part; the database is started for the checks that need it unless it runs."""
    yield from map(_run, [folder, disk, server])
    try:
        is_external = options.has_external_database()
        with (
            nullcontext()
            if is_external
            else postgres.database(settings.DATA_DIR, options.version())
        ):
            yield from map(_run, [database, tables, *checks_of_apps()])
    except CannotStart as exc:
        yield Finding("database", False, str(exc), _("See logs/postgres.log in DATA_DIR."))
    yield from map(_run, [broker, worker, models, parsers])


def _run(check: Check) -> Finding:
    try:
        return check()
    except Exception as exc:  # The remaining checks must run after any failure.
        return Finding(
            check.__name__,
            False,
            f"{type(exc).__name__}: {exc}",
            _("Unexpected error; please report it."),
        )


def folder() -> Finding:
    """DATA_DIR exists, can be written to, and was not written by a newer Reading Room."""
    advice = _("Set DATA_DIR to a folder on a local disk that you own.")
    try:
        checks.prepare(settings.DATA_DIR, options.version())
    except CannotStart as exc:
        return Finding("folder", False, str(exc), advice)
    return Finding("folder", True, _("DATA_DIR is %s.") % settings.DATA_DIR)


def disk() -> Finding:
    """The disk has enough free space."""
    advice = _("Free some space, or move DATA_DIR to a larger disk.")
    try:
        checks.refuse_full(settings.DATA_DIR)
    except (CannotStart, OSError) as exc:
        return Finding("disk", False, str(exc), advice)
    free = checks.free_megabytes(settings.DATA_DIR)
    if free < LOW_FREE_MEGABYTES:
        values = {"free": free, "low": LOW_FREE_MEGABYTES}
        detail = _("The disk is almost full: %(free)d MB free, less than %(low)d MB.") % values
        return Finding("disk", False, detail, advice)
    return Finding("disk", True, _("%d MB free.") % free)


def server() -> Finding:
    """Reading Room serves on its port, or the port is free."""
    running = lock.holder(settings.DATA_DIR)
    if running is not None and running.address:
        return Finding(
            "server", True, _("Running at %(address)s as process %(pid)d.") % asdict(running)
        )
    if _serves(settings.PORT):
        return Finding(
            "server", True, _("Responding on port %d, but not started by `up`.") % settings.PORT
        )
    if _is_free(settings.HOST, settings.PORT):
        return Finding(
            "server",
            True,
            _("Not running; port %d is free. Start the server with `make up`.") % settings.PORT,
        )
    detail = _("Not running, and port %d is in use by another program.") % settings.PORT
    return Finding(
        "server", False, detail, _("Stop that program, or choose another port with PORT.")
    )


def _serves(port: int) -> bool:
    with (
        suppress(OSError, HTTPException),
        closing(HTTPConnection("localhost", port, timeout=2)) as ours,
    ):
        ours.request("GET", "/healthz")
        return ours.getresponse().read() == b'{"status": "ok"}'
    return False


def _is_free(host: str, port: int) -> bool:
    try:
        with socket.create_server((host, port)):
            return True
    except OSError:
        return False


def database() -> Finding:
    """The database answers and has pgvector."""
    advice = _("Start the database with `make up`, or check DATABASE_URL.")
    if said := readiness.database_error():
        return Finding("database", False, _("The database is not responding: %s") % said, advice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        version = cursor.fetchone()[0]
        cursor.execute("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
        vector = cursor.fetchone()
    if vector is None:
        return Finding(
            "database",
            False,
            _("PostgreSQL has no pgvector."),
            _("Install the pgvector extension in this PostgreSQL."),
        )
    return Finding(
        "database",
        True,
        _("PostgreSQL %(version)s with pgvector %(vector)s.")
        % {"version": version, "vector": vector[0]},
    )


def tables() -> Finding:
    """All migrations have run, and none of a newer version."""
    try:
        preparation.refuse_newer()
    except CannotStart as exc:
        return Finding("tables", False, str(exc))
    wrong = readiness.migrations()
    return Finding(
        "tables",
        not wrong,
        wrong or _("All migrations are applied."),
        _("Run `manage.py migrate`.") if wrong else "",
    )


def broker() -> Finding:
    """Messages to the workers can be sent."""
    wrong = readiness.broker()
    if settings.REDIS_URL:
        return Finding(
            "broker",
            not wrong,
            wrong or _("Redis is responding."),
            _("Start Redis, or check REDIS_URL."),
        )
    advice = _("Check the folder `broker` in DATA_DIR.")
    return Finding("broker", not wrong, wrong or _("Messages can be sent."), advice)


def worker() -> Finding:
    """A worker has a heartbeat, if the server runs."""
    wrong = readiness.worker()
    if not wrong:
        return Finding("worker", True, _("Running."))
    running = lock.holder(settings.DATA_DIR)
    # With Redis and an external database the parts may run without `up`.
    alone = settings.REDIS_URL and options.has_external_database()
    if not alone and (running is None or not running.address):
        return Finding("worker", True, _("Not running, because the server is not running."))
    return Finding("worker", False, wrong, _("See logs/worker.log in DATA_DIR."))


def models() -> Finding:
    """The built-in embedding model loads from its package."""
    import wordllama

    model = wordllama.WordLlama.load(
        cache_dir=Path(wordllama.__file__).parent, disable_download=True
    )
    numbers = model.embed(["reading room"]).shape[1]
    return Finding(
        "models", True, _("The built-in embedding model loads (%d dimensions).") % numbers
    )


def parsers() -> Finding:
    """The libraries that read documents can be imported."""
    broken = []
    for name in PARSER_LIBRARIES:
        try:
            import_module(name)
        except ImportError as exc:
            broken.append(f"{name} ({exc})")
    detail = _("All libraries load.") if not broken else _("Not loaded: %s") % "; ".join(broken)
    return Finding(
        "parsers", not broken, detail, _("Run `make up`, which installs them.") if broken else ""
    )
