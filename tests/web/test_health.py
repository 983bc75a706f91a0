"""/healthz and /readyz answer without sign-in; /readyz names the missing parts."""

import pytest
from celery import current_app

from embedded.file_broker import broker_settings
from embedded.health import readiness


@pytest.fixture
def ready(settings):
    """Provide a broker and a worker's heartbeat in the DATA_DIR of the test."""
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


def test_healthz_answers_200(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_answers_200_when_all_parts_are_ready(client, ready):
    response = client.get("/readyz")

    assert response.json() == {"status": "ok", "missing": {}}
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_readyz_names_missing_parts(client, ready, monkeypatch):
    (ready / "index@here-1").unlink()
    monkeypatch.setattr(readiness, "broker", lambda: "The broker does not answer.")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert set(response.json()["missing"]) == {"broker", "worker"}


@pytest.mark.django_db
def test_readyz_names_an_unreachable_database_once(client, ready, monkeypatch):
    monkeypatch.setattr(readiness.connection, "get_connection_params", lambda: {"host": "/nowhere"})

    assert set(client.get("/readyz").json()["missing"]) == {"database"}


@pytest.mark.django_db
def test_readyz_names_outstanding_migrations(client, ready, monkeypatch):
    monkeypatch.setattr(readiness._Migrations, "_done", False)
    monkeypatch.setattr(
        readiness.MigrationExecutor, "migration_plan", lambda self, targets: [("a", False)]
    )

    assert set(client.get("/readyz").json()["missing"]) == {"migrations"}


def test_other_methods_than_get_and_head_are_refused(client):
    assert client.post("/readyz").status_code == 405
    assert client.head("/healthz").status_code == 200
