"""`manage.py doctor` checks each part and gives advice for each error."""

import json
import struct
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command

from embedded.data_dir.lock import DataDirLock
from embedded.exceptions import CannotStart
from embedded.health import doctor
from embedded.health.doctor import Finding


def test_an_unexpected_exception_of_a_check_is_a_finding():
    def broken() -> Finding:
        raise ZeroDivisionError("half")

    finding = doctor._run(broken)

    assert (finding.name, finding.ok, finding.detail) == (
        "broken",
        False,
        "ZeroDivisionError: half",
    )


@pytest.mark.django_db
def test_an_up_to_date_database_passes():
    assert doctor.database().ok
    assert "pgvector" in doctor.database().detail
    assert doctor.tables().ok


def test_the_built_in_model_and_the_parsers_load():
    assert doctor.models().ok
    assert doctor.parsers().ok


def test_a_missing_parser_library_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "PARSER_LIBRARIES", ["lxml.html", "no_such_parser"])

    finding = doctor.parsers()

    assert not finding.ok
    assert "no_such_parser" in finding.detail
    assert "lxml" not in finding.detail
    assert finding.advice


def test_a_running_server_is_found_and_a_missing_worker_reported(settings, tmp_path):
    with DataDirLock(settings.DATA_DIR) as lock:
        lock.acquire(address="http://127.0.0.1:8000")

        assert "http://127.0.0.1:8000" in doctor.server().detail


def test_a_port_in_use_by_another_program_is_reported(settings, unused_port):
    settings.HOST, settings.PORT = "127.0.0.1", unused_port
    assert doctor.server().ok

    with doctor.socket.create_server(("127.0.0.1", unused_port)):
        finding = doctor.server()

    assert not finding.ok
    assert finding.advice


@pytest.fixture
def unused_port():
    with doctor.socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_a_failed_check_makes_the_command_fail(monkeypatch):
    findings = [
        Finding("disk", True, "90 MB free."),
        Finding("worker", False, "None.", "Look at the log."),
    ]
    monkeypatch.setattr("embedded.management.commands.doctor.examine", lambda: iter(findings))
    out = StringIO()

    with pytest.raises(CommandError, match="1 of 2 checks need attention"):
        call_command("doctor", stdout=out, no_color=True)

    assert out.getvalue().splitlines() == [
        "ok   disk      90 MB free.",
        "FAIL worker    None.",
        "               Look at the log.",
    ]


def test_the_command_prints_json(monkeypatch):
    monkeypatch.setattr(
        "embedded.management.commands.doctor.examine",
        lambda: iter([Finding("disk", True, "Fine.")]),
    )
    out = StringIO()

    call_command("doctor", json=True, stdout=out)

    assert json.loads(out.getvalue()) == [
        {"name": "disk", "ok": True, "detail": "Fine.", "advice": ""}
    ]


def test_the_remaining_checks_run_after_a_failed_database_start(monkeypatch):
    def refuse(*_):
        raise CannotStart("It is broken.")

    monkeypatch.setattr(doctor.postgres, "database", refuse)
    monkeypatch.setattr(doctor.options, "has_external_database", lambda: False)

    found = {finding.name: finding for finding in doctor.examine()}

    assert found["database"].detail == "It is broken."
    assert {"folder", "disk", "server", "broker", "worker", "models", "parsers"} <= set(found)


def test_the_error_of_the_database_is_shown(monkeypatch):
    parameters = {"host": "127.0.0.1", "port": 1, "dbname": "rr", "user": "rr", "password": "hush"}
    monkeypatch.setattr(doctor.readiness.connection, "get_connection_params", lambda: parameters)

    finding = doctor.database()

    assert not finding.ok
    assert "Connection refused" in finding.detail
    assert "hush" not in finding.detail
    assert doctor.readiness.database() == "The database is not responding."


@pytest.mark.django_db
def test_an_unknown_database_is_named(monkeypatch):
    parameters = {**doctor.connection.get_connection_params(), "dbname": "no_such_room"}
    monkeypatch.setattr(doctor.readiness.connection, "get_connection_params", lambda: parameters)

    assert 'database "no_such_room" does not exist' in doctor.database().detail


def test_an_unknown_host_is_named(monkeypatch):
    parameters = {"host": "no-such-host.invalid", "dbname": "rr", "user": "rr", "password": "hush"}
    monkeypatch.setattr(doctor.readiness.connection, "get_connection_params", lambda: parameters)

    finding = doctor.database()

    assert not finding.ok
    assert "no-such-host.invalid" in finding.detail
    assert "hush" not in finding.detail


def test_a_wrong_password_is_named_and_not_shown(monkeypatch):
    def refuse_password() -> None:
        client, _address = listener.accept()
        with client:
            client.recv(1000)
            client.sendall(b"R" + struct.pack("!ii", 8, 3))  # Requests a password.
            passwords.append(client.recv(1000))
            fields = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "rr"\0\0'
            client.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)

    passwords: list[bytes] = []
    with doctor.socket.create_server(("127.0.0.1", 0)) as listener:
        server = Thread(target=refuse_password)
        server.start()
        plain = {"sslmode": "disable", "gssencmode": "disable"}
        address = {"host": "127.0.0.1", "port": listener.getsockname()[1]}
        parameters = {**address, **plain, "dbname": "rr", "user": "rr", "password": "hush"}
        monkeypatch.setattr(
            doctor.readiness.connection, "get_connection_params", lambda: parameters
        )

        finding = doctor.database()
        server.join(10)

    assert b"hush" in passwords[0]
    assert not finding.ok
    assert 'password authentication failed for user "rr"' in finding.detail
    assert "hush" not in finding.detail


@pytest.mark.parametrize(("free", "ok"), [(100, False), (900, False), (5000, True)])
def test_low_disk_space_is_reported(monkeypatch, free, ok):
    monkeypatch.setattr(doctor.checks, "free_megabytes", lambda folder: free)

    assert doctor.disk().ok is ok
    assert f"{free} MB" in doctor.disk().detail
