"""Advisory locks of PostgreSQL: the numbers of all locks, and two ways to hold one.

Processes of the previous version may run during an upgrade, so numbers never change. The lock that
`prepare` holds is in `embedded.postgres.preparation`, which imports nothing of the applications.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class JobLock(IntEnum):
    """Locks of jobs of which one runs at a time."""

    FIRST_ADMINISTRATOR = 0x5EAD
    NEAR_INDEXES = 0x6E656172
    PURGE = 0x70757267
    WEB_PAGES = 0x70616765
    WATCHED_FOLDER = 0x666F6C64 << 32  # The low half is derived from the folder's id.


class LockSpace(IntEnum):
    """First half of a lock on one blob or one name; the second half is a digest."""

    BLOB = 0x626C6F62
    DOCUMENT_NAME = 0x6E616D65


@contextmanager
def try_lock(lock: int) -> Iterator[bool]:
    """Hold `lock` while the block runs; False, without waiting, if another process holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [int(lock)])
        is_held = bool(cursor.fetchone()[0])
        try:
            yield is_held
        finally:
            if is_held:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [int(lock)])


def lock_until_commit(lock: JobLock) -> None:
    """Wait for `lock` and hold it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(lock)])


def lock_one_until_commit(space: LockSpace, digest: bytes) -> None:
    """Wait for the lock on the object with `digest`, and hold it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [int(space), digest_key(digest)])


def digest_key(digest: bytes) -> int:
    """Return the second half of a lock: four bytes of a digest as PostgreSQL's integer."""
    return int.from_bytes(digest[:4], "big", signed=True)
