"""Each command reports an invalid setting in one line."""

import os
import subprocess
import sys

import pytest

from embedded.terminal_language import ROOT

MALFORMED = {
    "MAX_DOCUMENT_MB": "abc",
    "TRUSTED_PROXIES": "everybody",
    "DATABASE_URL": "postgres://u@h:port/x",
    "SECRET_KEY_FILE": "/no/such/file",
}


def said(tmp_path, command: str, name: str) -> tuple[int, list[str]]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    environment = {
        **kept,
        "DATA_DIR": str(tmp_path / "var"),
        "LANGUAGE": "en",
        name: MALFORMED[name],
    }
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command.split()],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    return done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()]


@pytest.mark.stack
@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("up", "MAX_DOCUMENT_MB"),
        ("prepare", "DATABASE_URL"),
        ("run web", "SECRET_KEY_FILE"),
        ("run worker", "MAX_DOCUMENT_MB"),
        ("doctor", "TRUSTED_PROXIES"),
        ("check", "DATABASE_URL"),
    ],
)
def test_a_malformed_setting_is_reported_in_one_line(tmp_path, command, name):
    code, lines = said(tmp_path, command, name)

    assert code == 1
    assert len(lines) == 1, lines
    assert name.removesuffix("_FILE") in lines[0]
