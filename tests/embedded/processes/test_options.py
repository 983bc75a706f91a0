"""Options of the supervisor agree with Django's settings."""

import json
import os
import subprocess
import sys

import pytest

from embedded.exceptions import CannotStart
from embedded.processes.options import from_environment
from embedded.terminal_language import ROOT

ASK_SETTINGS = """
import json
from config import settings as s
print(json.dumps([str(s.DATA_DIR), s.HOST, s.PORT, s.PUBLIC_URL, s.EMBEDDED_DATABASE]))
"""


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {
            "PORT": "8123",
            "HOST": "0.0.0.0",
            "DATA_DIR": "~/somewhere",
            "PUBLIC_URL": "https://read.example.org/",
        },
        {"PORT": "", "HOST": " ", "DATA_DIR": "relative/var", "DATABASE_URL": "postgres://u:p@h/n"},
    ],
)
def test_supervisor_and_settings_read_the_same_values(environment, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("PORT", "HOST", "DATA_DIR", "PUBLIC_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    whole = {**os.environ, "SECRET_KEY": "x", "PYTHONPATH": f"{ROOT}:{ROOT}/platform"}

    said = subprocess.run(
        [sys.executable, "-c", ASK_SETTINGS], env=whole, capture_output=True, check=True, text=True
    )

    ours = from_environment()
    assert json.loads(said.stdout) == [
        str(ours.data_dir),
        ours.host,
        ours.port,
        ours.public_url,
        not ours.external_database,
    ]


@pytest.mark.parametrize("port", ["http", "-1", "0", "65536", "80 80"])
def test_an_invalid_port_is_refused(monkeypatch, port):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(CannotStart, match=f"PORT must be a number from 1 to 65535, not '{port}'"):
        from_environment()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("192.168.7.9", "http://192.168.7.9:8000"),
    ],
)
def test_the_printed_address_can_be_opened(monkeypatch, host, address):
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setenv("HOST", host)

    assert from_environment().address == address


def test_the_public_url_is_printed_if_set(monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", "https://read.example.org/")

    assert from_environment().address == "https://read.example.org"


def test_the_version_is_read_from_pyproject():
    assert f'version = "{from_environment().version}"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize(("said", "workers"), [("1", 1), (" 4 ", 4), ("64", 64)])
def test_worker_processes_sets_the_number_of_workers(monkeypatch, said, workers):
    monkeypatch.setenv("WORKER_PROCESSES", said)

    assert from_environment().workers == workers


@pytest.mark.parametrize(("processors", "workers"), [(1, 1), (2, 2), (32, 2), (None, 1)])
def test_the_default_is_one_worker_per_processor_and_at_most_two(monkeypatch, processors, workers):
    monkeypatch.delenv("WORKER_PROCESSES", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: processors)

    assert from_environment().workers == workers


@pytest.mark.parametrize("said", ["0", "-1", "many", "65", "1.5"])
def test_an_invalid_number_of_processes_is_refused(monkeypatch, said):
    monkeypatch.setenv("WORKER_PROCESSES", said)

    with pytest.raises(CannotStart, match="WORKER_PROCESSES must be a number from 1 to 64"):
        from_environment()
