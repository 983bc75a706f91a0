"""Settings: every variable is documented once, and a bad value is named."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env, hosts, keys

ROOT = Path(__file__).resolve().parents[1]
READ = re.compile(
    r"""env\.(?:text|words|networks|listed|integer|boolean|folder|folders|secret)\(\s*["']([A-Z_]+)["']"""
)
READ_BY_THE_SUPERVISOR = re.compile(r'_text\("([A-Z_]+?)(?:_FILE)?"\)')


def test_every_variable_is_described_in_the_example():
    read = set()
    for path in [*(ROOT / "platform").rglob("*.py")]:
        read |= set(READ.findall(path.read_text(encoding="utf-8")))
    read |= set(READ_BY_THE_SUPERVISOR.findall((ROOT / "platform/embedded/options.py").read_text(encoding="utf-8")))

    described = set(
        re.findall(r"^#([A-Z_]+)=", (ROOT / "docker" / "env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )

    composed = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8")))
    assert read | composed | {"COMPOSE_PROFILES"} == described


def test_a_number_that_is_none_is_named(monkeypatch):
    monkeypatch.setenv("PORT", "eight")

    with pytest.raises(ImproperlyConfigured, match="PORT must be a whole number"):
        env.integer("PORT", 8000)


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("quiet\n")
    monkeypatch.setenv("ADMIN_PASSWORD_FILE", str(tmp_path / "secret"))

    assert env.secret("ADMIN_PASSWORD") == "quiet"


def test_a_database_url_may_hold_odd_characters():
    found = env.database("postgres://reader:p%40ss%2Fword@db.example.org:5433/room")

    assert (found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "p@ss/word",
        "db.example.org",
        "5433",
        "room",
    )


def test_a_database_url_may_leave_the_password_to_a_file_and_say_how_to_connect():
    url = "postgres://reader@db.example.org/room?sslmode=verify-full&sslrootcert=/etc/ca.pem"

    assert env.database(url, password="quiet")["PASSWORD"] == "quiet"
    assert env.database("postgres://reader:own@db/room", password="quiet")["PASSWORD"] == "own"
    assert env.database(url)["NAME"] == "room"
    assert env.database_options(url) == {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}


def test_another_database_is_refused():
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database("mysql://x")


def test_a_public_url_is_the_only_foreign_name():
    assert hosts.allowed("https://room.example.org:8443/x", "0.0.0.0") == [*hosts.LOOPBACK, "room.example.org"]
    assert hosts.origins("https://room.example.org:8443/x") == ["https://room.example.org:8443"]


def test_the_kept_key_stays_and_is_private(tmp_path):
    first = keys.kept_secret_key(tmp_path / "var")

    assert keys.kept_secret_key(tmp_path / "var") == first
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o077 == 0


def test_the_example_says_the_numbers_that_are_the_defaults():
    written = (ROOT / "docker" / "env.example").read_text(encoding="utf-8")
    said = dict(re.findall(r"^#([A-Z_]+)=(\d+)$", written, re.MULTILINE))
    source = (ROOT / "platform" / "config" / "settings.py").read_text(encoding="utf-8")
    used = dict(re.findall(r'env\.integer\("([A-Z_]+)", (\d+)\)', source))

    assert len(used) > 8
    assert {name: said.get(name) for name in used} == used
