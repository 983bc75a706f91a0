"""Preparing a database: one at a time, and what is wrong with it in one sentence."""

import threading

import pytest
from django.db import DatabaseError, connection

from embedded import preparing
from embedded.exceptions import CannotStart


@pytest.mark.django_db(transaction=True)
def test_only_one_prepares_at_a_time():
    order = []

    def other() -> None:
        try:
            with preparing.one_at_a_time():
                order.append("other")
        finally:
            connection.close()

    with preparing.one_at_a_time():
        waiting = threading.Thread(target=other)
        waiting.start()
        waiting.join(0.3)
        order.append("first")
    waiting.join(5)

    assert order == ["first", "other"]


@pytest.mark.django_db
def test_an_old_database_is_refused(monkeypatch):
    preparing.refuse_old()

    monkeypatch.setattr(type(connection), "pg_version", 150_004, raising=False)

    with pytest.raises(CannotStart, match="PostgreSQL 15; at least 16"):
        preparing.refuse_old()


@pytest.mark.parametrize(
    ("state", "said", "explained"),
    [
        ("42501", 'permission denied to create extension "vector"\nHINT: …', "CREATE EXTENSION vector;"),
        ("0A000", 'extension "vector" is not available', "PostgreSQL has no pgvector"),
        ("42501", "permission denied for schema public\nLINE 1", "permission denied for schema public"),
    ],
)
def test_what_it_refused_is_explained(state, said, explained):
    error, cause = DatabaseError(said), Exception(said)
    cause.sqlstate = state
    error.__cause__ = cause

    assert explained in preparing.explained(error)
    assert "\n" not in preparing.explained(error)
