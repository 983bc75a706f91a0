"""Preparation of the database: one process at a time, and one sentence for each error."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.sign_in.password_hashing import BoundedPBKDF2Hasher
from embedded.exceptions import CannotStart
from embedded.health import doctor
from embedded.management.commands import prepare
from embedded.postgres import preparation


@pytest.mark.django_db(transaction=True)
def test_a_second_preparation_waits_for_the_first():
    order = []

    def other() -> None:
        try:
            with preparation.one_at_a_time():
                order.append("other")
        finally:
            connection.close()

    with preparation.one_at_a_time():
        waiting = threading.Thread(target=other)
        waiting.start()
        waiting.join(0.3)
        order.append("first")
    waiting.join(5)

    assert order == ["first", "other"]


@pytest.mark.django_db(transaction=True)
def test_the_lock_is_held_while_a_password_is_hashed():
    with preparation.one_at_a_time():
        BoundedPBKDF2Hasher().encode("a quiet reading room", "salt", 1)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_an_old_database_is_refused(monkeypatch):
    preparation.refuse_old()

    monkeypatch.setattr(type(connection), "pg_version", 150_004, raising=False)

    with pytest.raises(CannotStart, match="PostgreSQL 15; version 16 or newer"):
        preparation.refuse_old()


@pytest.fixture
def migrated_by_a_newer_version(db):
    MigrationRecorder(connection).record_applied("ingestion", "9999_from_the_future")


@pytest.mark.django_db
def test_a_database_of_this_version_is_accepted():
    preparation.refuse_newer()  # Raises for a newer database.

    assert doctor.tables().ok


@pytest.mark.usefixtures("migrated_by_a_newer_version")
def test_a_database_with_an_unknown_migration_is_refused(settings):
    with pytest.raises(
        CannotStart, match=rf"this version \({settings.VERSION}\).*ingestion\.9999_from_the_future"
    ):
        preparation.refuse_newer()


@pytest.mark.usefixtures("migrated_by_a_newer_version")
def test_prepare_refuses_a_newer_database_and_migrates_nothing(monkeypatch):
    monkeypatch.setattr(
        prepare, "call_command", lambda *words, **options: pytest.fail(f"{words} ran")
    )

    with pytest.raises(CommandError, match="migrated by a newer Reading Room"):
        call_command("prepare")


@pytest.mark.usefixtures("migrated_by_a_newer_version")
def test_doctor_reports_a_newer_database():
    finding = doctor.tables()

    assert not finding.ok
    assert "migrated by a newer Reading Room" in finding.detail


@pytest.mark.parametrize(
    ("state", "said", "explained"),
    [
        (
            "42501",
            'permission denied to create extension "vector"\nHINT: …',
            "CREATE EXTENSION vector;",
        ),
        ("0A000", 'extension "vector" is not available', "PostgreSQL has no pgvector"),
        (
            "42501",
            "permission denied for schema public\nLINE 1",
            "permission denied for schema public",
        ),
    ],
)
def test_a_database_error_is_explained(state, said, explained):
    error, cause = DatabaseError(said), Exception(said)
    cause.sqlstate = state
    error.__cause__ = cause

    assert explained in preparation.explained(error)
    assert "\n" not in preparation.explained(error)
