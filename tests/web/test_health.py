"""Liveness and readiness, for machines: no sign-in, quick, and naming the missing parts."""

import pytest
from celery import current_app

from embedded.file_broker import broker_settings
from embedded.health import readiness


@pytest.fixture
def ready(settings):
    """A broker and a worker's pulse in the DATA_DIR of this test."""
    before = {
        key: current_app.conf.get(key) for key in ("heartbeat_folder", "broker_transport_options")
    }
    made = broker_settings(settings.DATA_DIR, "")
    current_app.conf.update({key: made[key] for key in before})
    folder = settings.DATA_DIR / "pulse"
    folder.mkdir()
    (folder / "index@here-1").touch()
    yield folder
    current_app.conf.update(before)


def test_a_process_that_serves_is_alive(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_a_server_with_all_its_parts_is_ready(client, ready):
    response = client.get("/readyz")

    assert response.json() == {"status": "ok", "missing": {}}
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_missing_parts_are_named(client, ready, monkeypatch):
    (ready / "index@here-1").unlink()
    monkeypatch.setattr(readiness, "broker", lambda: "The broker does not answer.")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert set(response.json()["missing"]) == {"broker", "worker"}


@pytest.mark.django_db
def test_a_database_that_is_gone_is_named_once(client, ready, monkeypatch):
    monkeypatch.setattr(readiness.connection, "get_connection_params", lambda: {"host": "/nowhere"})

    assert set(client.get("/readyz").json()["missing"]) == {"database"}


@pytest.mark.django_db
def test_tables_that_are_behind_are_named(client, ready, monkeypatch):
    monkeypatch.setattr(readiness._Migrations, "_done", False)
    monkeypatch.setattr(
        readiness.MigrationExecutor, "migration_plan", lambda self, targets: [("a", False)]
    )

    assert set(client.get("/readyz").json()["missing"]) == {"migrations"}


def test_nothing_but_reading_is_answered(client):
    assert client.post("/readyz").status_code == 405
    assert client.head("/healthz").status_code == 200
