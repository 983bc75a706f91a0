"""Commands that start the embedded database, and errors of a failed start."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import ProgrammingError

from embedded import command_line
from embedded.exceptions import CannotStart


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """Restore the umask, which a command changes for the whole process."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def opened(monkeypatch):
    """Record the folders whose databases are requested, without starting a server."""
    seen = []

    def database(data_dir: Path, version: str):
        seen.append(data_dir)
        return command_line.nullcontext()

    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(command_line, "database", database)
    return seen


@pytest.mark.parametrize(
    "words", [["migrate"], ["search", "q", "--workspace", "a"], ["--traceback", "createadmin"]]
)
def test_commands_that_need_the_database_start_the_server(opened, words, monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    command_line._prepared_for(words)

    assert opened == [tmp_path]


@pytest.mark.parametrize(
    "words", [[], ["check"], ["help", "migrate"], ["migrate", "--help"], ["makemessages", "--all"]]
)
def test_commands_without_a_database_start_no_server(opened, words):
    command_line._prepared_for(words)

    assert opened == []


def test_no_server_is_started_for_an_external_database(opened, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://u@h/n")

    command_line._prepared_for(["migrate"])

    assert opened == []


def test_a_failed_start_prints_one_line(monkeypatch):
    def refuse(data_dir, version):
        raise CannotStart("It is closed.")

    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(command_line, "database", refuse)

    with pytest.raises(SystemExit) as left:
        command_line.execute(["manage.py", "migrate"])

    assert left.value.code == "It is closed."


@pytest.mark.parametrize(("command", "mode"), [("migrate", 0o700), ("makemigrations", 0o755)])
def test_files_of_data_dir_are_private_and_generated_source_files_are_not(
    opened, tmp_path, command, mode
):
    command_line._prepared_for([command])

    (tmp_path / "made").mkdir()

    assert (tmp_path / "made").stat().st_mode & 0o777 == mode


def test_a_command_before_the_first_start_is_refused_with_advice(opened, monkeypatch, tmp_path):
    class UndefinedTable(Exception):
        sqlstate = "42P01"

    def execute(argv):
        raise ProgrammingError("relation does not exist") from UndefinedTable()

    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr("django.core.management.execute_from_command_line", execute)

    with pytest.raises(SystemExit, match="database is not set up yet"):
        command_line.execute(["manage.py", "search", "q"])
