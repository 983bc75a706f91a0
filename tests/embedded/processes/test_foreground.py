"""`manage.py run` replaces its process by the program that the supervisor would start."""

import os

import pytest
from django.db import OperationalError

from embedded import command_line
from embedded.exceptions import CannotStart
from embedded.postgres import preparation
from embedded.processes import foreground


@pytest.fixture
def become(monkeypatch, home, unused_port):
    """Record the program that would replace the process."""
    seen = []
    monkeypatch.setenv("DATA_DIR", str(home))
    monkeypatch.setenv("PORT", str(unused_port))
    monkeypatch.setattr(preparation, "refuse_newer", lambda: None)
    monkeypatch.setattr(os, "execve", lambda *words: seen.append(words))
    monkeypatch.setattr(os, "chdir", lambda _folder: None)
    mask = os.umask(0o022)
    yield seen
    os.umask(mask)


@pytest.fixture
def unused_port():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_a_worker_runs_with_the_command_line_of_up(become, home):
    foreground.run(["worker"])

    _program, words, environment = become[0]
    assert "-Q index" in " ".join(words)
    assert environment["DATA_DIR"] == str(home)
    assert home.is_dir()


def test_the_web_process_inherits_an_open_socket_and_pools_its_connections(become):
    foreground.run(["web"])

    _program, words, environment = become[0]
    descriptor = int(words[-1])
    assert os.get_inheritable(descriptor)
    assert environment["DATABASE_POOL"] == "1"
    os.close(descriptor)


@pytest.mark.parametrize("words", [[], ["postgres"], ["web", "worker"]])
def test_an_unknown_part_is_refused_with_the_known_names(words):
    with pytest.raises(CannotStart, match="web, worker, maintenance"):
        foreground.run(words)


def test_no_part_runs_on_the_database_of_a_newer_version(become, monkeypatch):
    def refuse() -> None:
        raise CannotStart("newer")

    monkeypatch.setattr(preparation, "refuse_newer", refuse)

    with pytest.raises(CannotStart, match="newer"):
        foreground.run(["worker"])
    assert become == []


def test_a_part_starts_while_the_database_does_not_answer(become, monkeypatch):
    def fail() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(preparation, "refuse_newer", fail)

    foreground.run(["worker"])

    assert len(become) == 1


def test_a_failed_start_prints_one_line(capsys):
    with pytest.raises(SystemExit, match="Name the process to run"):
        command_line.execute(["manage.py", "run", "everything"])
