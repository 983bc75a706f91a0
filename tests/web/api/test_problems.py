"""Responses and log records while the database is unreachable."""

import logging

import pytest
from django.db import OperationalError
from django.test import Client
from psycopg.errors import AdminShutdown, LockNotAvailable, QueryCanceled

from web.exceptions import is_database_away


@pytest.fixture
def away(admin):
    """A signed-in browser and a database that became unreachable after the sign-in."""
    client = Client(raise_request_exception=False)
    client.force_login(admin)

    def gone(*_arguments: object) -> None:
        raise OperationalError("connection refused")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("django.db.backends.utils.CursorWrapper.execute", gone)
        yield client


def test_pages_answer_503_while_the_database_is_unreachable(away, caplog):
    answer = away.get("/")

    assert answer.status_code == 503
    assert "The database is not responding" in answer.text
    assert answer["Retry-After"] == "5"
    assert [(record.levelno, record.exc_info) for record in caplog.records] == [
        (logging.WARNING, None)
    ]


@pytest.mark.parametrize(
    "path", ["/api/v1/workspaces/", "/api/v1/me/", "/v1/models", "/api/v1/conversations/x/stop/"]
)
def test_api_calls_get_a_problem_while_the_database_is_unreachable(away, path, caplog):
    answer = away.post(path) if path.endswith("stop/") else away.get(path)

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer["Content-Type"] == "application/problem+json"
    assert not any(record.exc_info for record in caplog.records)


def test_sign_in_answers_503_while_the_database_is_unreachable(away):
    answer = Client(raise_request_exception=False).post(
        "/login/", {"email": "a@example.org", "password": "x"}
    )

    assert answer.status_code == 503


def test_a_problem_is_in_the_browser_language(away):
    answer = away.get("/", headers={"Accept-Language": "zh-CN"})

    assert 'lang="zh-hans"' in answer.text


def test_an_unexpected_exception_answers_500(monkeypatch, admin, caplog):
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    monkeypatch.setattr("workspaces.views.render", lambda *_, **__: 1 / 0)

    assert client.get("/").status_code == 500
    assert any(record.exc_info for record in caplog.records)


def raised(cause: BaseException | None) -> OperationalError:
    error = OperationalError("no")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "away"),
    [(None, True), (AdminShutdown(), True), (QueryCanceled(), False), (LockNotAvailable(), False)],
)
def test_only_lost_connections_count_as_an_unreachable_database(cause, away):
    assert is_database_away(raised(cause)) == away
