"""Preparing the database while others may be at it too: one at a time, and what it refuses in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from embedded.exceptions import CannotStart

OLDEST: Final = 16
LOCK: Final = 0x7265_6164  # Any number, as long as it is always the same one.
FORBIDDEN, MISSING = "42501", {"0A000", "58P01"}


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the database's own lock for this, waiting for whoever has it; it lets go of those that die."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def refuse_old() -> None:
    """Raise `CannotStart` for a PostgreSQL that is too old."""
    connection.ensure_connection()
    found = connection.pg_version // 10_000  # type: ignore[attr-defined] # only PostgreSQL's has it
    if found < OLDEST:
        values = {"found": found, "oldest": OLDEST}
        raise CannotStart(_("This is PostgreSQL %(found)d; version %(oldest)d or newer is required.") % values)


def refuse_newer() -> None:
    """Raise `CannotStart` for a database that a newer Reading Room has migrated: its rows may mean other things there.

    A migration that has run somewhere therefore keeps its name for good.
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
    """Return what to do about a database that refused, or what it said."""
    state, said = getattr(error.__cause__, "sqlstate", None), str(error).strip().partition("\n")[0]
    if "vector" in said and state == FORBIDDEN:
        return _(
            "The database user has no permission to create the extension pgvector; ask the database administrator to"
            " run CREATE EXTENSION vector; in this database."
        )
    if "vector" in said and state in MISSING:
        return _("PostgreSQL has no pgvector; install the pgvector extension on the database server.")
    return said
