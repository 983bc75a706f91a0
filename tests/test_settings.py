"""Settings: each variable is documented, and an invalid value is reported by name."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env, hosts, keys

ROOT = Path(__file__).resolve().parents[1]
READ = re.compile(
    r"""env\.(?:text|words|networks|listed|integer|boolean|folder|folders|secret)\(\s*["']([A-Z_]+)["']"""
)
SECURE_COOKIES = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE")
READ_BY_THE_SUPERVISOR = re.compile(r'_text\("([A-Z_]+?)(?:_FILE)?"\)')


def test_each_variable_is_documented_in_env_example():
    read = set()
    for path in [*(ROOT / "platform").rglob("*.py")]:
        read |= set(READ.findall(path.read_text(encoding="utf-8")))
    read |= set(
        READ_BY_THE_SUPERVISOR.findall(
            (ROOT / "platform/embedded/processes/options.py").read_text(encoding="utf-8")
        )
    )

    described = set(
        re.findall(
            r"^#([A-Z_]+)=",
            (ROOT / "docker" / "env.example").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )

    composed = set(
        re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    )
    assert read | composed | {"COMPOSE_PROFILES"} == described


def test_an_invalid_number_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("PORT", "eight")

    with pytest.raises(ImproperlyConfigured, match="PORT must be a whole number"):
        env.integer("PORT", 8000)


@pytest.mark.parametrize(("value", "minimum"), [("-1", 0), ("0", 1)])
def test_a_number_below_the_minimum_is_refused_by_name(value, minimum, monkeypatch):
    monkeypatch.setenv("WORKER_THREADS", value)

    with pytest.raises(ImproperlyConfigured, match=f"WORKER_THREADS must be at least {minimum}"):
        env.integer("WORKER_THREADS", 3, minimum=minimum)


def test_a_secret_is_read_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("quiet\n")
    monkeypatch.setenv("ADMIN_PASSWORD_FILE", str(tmp_path / "secret"))

    assert env.secret("ADMIN_PASSWORD") == "quiet"


def test_a_database_url_is_percent_decoded():
    found = env.database("postgres://reader:p%40ss%2Fword@db.example.org:5433/room")

    assert (found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "p@ss/word",
        "db.example.org",
        "5433",
        "room",
    )


def test_a_database_url_takes_options_and_a_separate_password():
    url = "postgres://reader@db.example.org/room?sslmode=verify-full&sslrootcert=/etc/ca.pem"

    assert env.database(url, password="quiet")["PASSWORD"] == "quiet"
    assert env.database("postgres://reader:own@db/room", password="quiet")["PASSWORD"] == "own"
    assert env.database(url)["NAME"] == "room"
    assert env.database_options(url) == {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}


def test_another_database_than_postgresql_is_refused():
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database("mysql://x")


def test_public_url_is_the_only_allowed_host_besides_loopback():
    assert hosts.allowed("https://room.example.org:8443/x", "0.0.0.0") == [
        *hosts.LOOPBACK_HOSTS,
        "room.example.org",
    ]
    assert hosts.origins("https://room.example.org:8443/x") == ["https://room.example.org:8443"]


def test_the_generated_secret_key_is_stable_and_private(tmp_path):
    first = keys.kept_secret_key(tmp_path / "var")

    assert keys.kept_secret_key(tmp_path / "var") == first
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o077 == 0


def test_numbers_in_env_example_equal_the_defaults():
    written = (ROOT / "docker" / "env.example").read_text(encoding="utf-8")
    said = dict(re.findall(r"^#([A-Z_]+)=(\d+)$", written, re.MULTILINE))
    source = (ROOT / "platform" / "config" / "settings.py").read_text(encoding="utf-8")
    used = dict(re.findall(r'env\.integer\("([A-Z_]+)", (\d+)\)', source))

    assert len(used) > 8
    assert {name: said.get(name) for name in used} == used


def loaded(folder: Path, **environment: str) -> dict[str, object]:
    """Return the settings that a fresh process reads from this environment alone."""
    program = (
        "import json; from config import settings; "
        "print(json.dumps({n: v for n, v in vars(settings).items() if isinstance(v, (bool, str, list))}, default=str))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={"DATA_DIR": str(folder), "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", **environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, object] = json.loads(answer.stdout)
    return found


def test_the_default_settings_are_safe_for_production(tmp_path):
    found = loaded(tmp_path, HOST="0.0.0.0")

    assert found["DEBUG"] is False
    assert {"localhost", "127.0.0.1", "[::1]"} <= set(found["ALLOWED_HOSTS"])
    assert not [name for name in found["ALLOWED_HOSTS"] if not name or name.startswith((".", "*"))]
    assert found["CSRF_TRUSTED_ORIGINS"] == found["TRUSTED_PROXIES"] == []
    assert found["SECURE_CONTENT_TYPE_NOSNIFF"] is True
    assert found["X_FRAME_OPTIONS"] == "DENY"
    assert {name: found[name] for name in SECURE_COOKIES} == dict.fromkeys(SECURE_COOKIES, False)
    assert len(found["SECRET_KEY"]) >= 50


def test_a_public_https_address_makes_cookies_secure_and_closes_other_names(tmp_path):
    found = loaded(tmp_path, PUBLIC_URL="https://room.example.org/", HOST="0.0.0.0")

    assert {name: found[name] for name in SECURE_COOKIES} == dict.fromkeys(SECURE_COOKIES, True)
    assert found["ALLOWED_HOSTS"] == [*hosts.LOOPBACK_HOSTS, "room.example.org"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://room.example.org"]
