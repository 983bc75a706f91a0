"""Preparation of the database: one process at a time, and refusals in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from embedded.exceptions import CannotStart

MIN_POSTGRES_VERSION: Final = 16
ADVISORY_LOCK_ID: Final = 0x7265_6164  # Arbitrary, but the same in all versions.
INSUFFICIENT_PRIVILEGE_SQLSTATE, MISSING_EXTENSION_SQLSTATES = "42501", {"0A000", "58P01"}


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold an advisory lock, which PostgreSQL releases if the connection ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK_ID])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK_ID])


def refuse_old() -> None:
    """Raise `CannotStart` for a PostgreSQL that is too old."""
    connection.ensure_connection()
    found = connection.pg_version // 10_000  # type: ignore[attr-defined] # only PostgreSQL's has it
    if found < MIN_POSTGRES_VERSION:
        values = {"found": found, "oldest": MIN_POSTGRES_VERSION}
        raise CannotStart(
            _("This is PostgreSQL %(found)d; version %(oldest)d or newer is required.") % values
        )


def refuse_newer() -> None:
    """Raise `CannotStart` for a database that a newer version has migrated.

    Its rows may have another meaning.

    A released migration must therefore keep its name.
    """
    known = MigrationLoader(None).disk_migrations
    unknown = sorted(MigrationRecorder(connection).applied_migrations().keys() - known.keys())
    if unknown:
        values = {"migration": ".".join(unknown[-1]), "version": settings.VERSION}
        raise CannotStart(
            _(
                "The database was migrated by a newer Reading Room: this version (%(version)s) does not know the"
                " migration %(migration)s. Update Reading Room, or restore the backup from before the upgrade."
            )
            % values
        )


def explained(error: DatabaseError) -> str:
    """Return the remedy for a database error about pgvector, or the first line of another error."""
    state, said = getattr(error.__cause__, "sqlstate", None), str(error).strip().partition("\n")[0]
    if "vector" in said and state == INSUFFICIENT_PRIVILEGE_SQLSTATE:
        return _(
            "The database user has no permission to create the extension pgvector; ask the database administrator to"
            " run CREATE EXTENSION vector; in this database."
        )
    if "vector" in said and state in MISSING_EXTENSION_SQLSTATES:
        return _(
            "PostgreSQL has no pgvector; install the pgvector extension on the database server."
        )
    return said
