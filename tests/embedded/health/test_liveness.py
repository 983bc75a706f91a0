"""Hung programs are ended; busy and starting programs are not."""

import os
import signal
import socket
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from embedded.health.liveness import MAX_FAILURES, MAX_FAILURES_AT_START, Liveness
from embedded.processes import supervisor
from embedded.processes.supervisor import Supervisor

PID = 4711


class Questions:
    """A probe that counts its requests."""

    sent = 0

    def send(self) -> None:
        self.sent += 1


class Kept:
    """A keeper without a process."""

    def __init__(self, name: str) -> None:
        self.program = SimpleNamespace(name=name)
        self.process = SimpleNamespace(pid=PID)
        self.signals: list[signal.Signals] = []

    def signal(self, number: signal.Signals) -> None:
        self.signals.append(number)


@pytest.fixture
def watch(tmp_path):
    (tmp_path / "pulse").mkdir()
    return Liveness(tmp_path, Questions())


def beat(tmp_path, at: int) -> None:
    path = tmp_path / "pulse" / f"index@{socket.gethostname()}-{PID}"
    path.touch()
    os.utime(path, ns=(at, at))


def look(watch, keeper, times: int, *, answered: bool = False) -> None:
    for _ in range(times):
        watch.web_has_answered = answered
        watch.check({keeper.program.name: keeper})


def test_a_hung_web_server_gets_sigabrt_and_then_sigkill(watch, capfd):
    web = Kept("web")
    look(watch, web, 1, answered=True)
    look(watch, web, MAX_FAILURES - 1)
    assert web.signals == []

    look(watch, web, 2)

    assert web.signals == [signal.SIGABRT, signal.SIGKILL]
    assert "web has not responded for 60 s" in capfd.readouterr().err


def test_a_web_server_that_answers_occasionally_is_not_ended(watch):
    web = Kept("web")
    for _ in range(10):
        look(watch, web, MAX_FAILURES - 1)
        look(watch, web, 1, answered=True)

    assert web.signals == []
    assert watch._probe.sent == 10 * MAX_FAILURES


def test_a_starting_web_server_is_allowed_more_failures(watch):
    web = Kept("web")
    look(watch, web, MAX_FAILURES_AT_START - 1)
    assert web.signals == []

    web.process = SimpleNamespace(pid=PID + 1)
    look(watch, web, MAX_FAILURES_AT_START - 1)
    assert web.signals == []


def test_a_worker_without_a_new_heartbeat_is_ended_regardless_of_the_clock(watch, tmp_path):
    worker = Kept("worker")
    for at in (10**18, 10**9, 4 * 10**18):  # The clock is set back, then forward.
        beat(tmp_path, at)
        look(watch, worker, MAX_FAILURES)
        assert worker.signals == []

    look(watch, worker, 2)

    assert worker.signals == [signal.SIGABRT, signal.SIGKILL]


def test_the_database_and_a_worker_without_heartbeat_file_are_not_ended(watch):
    for keeper in (Kept("worker"), Kept("postgres")):
        look(watch, keeper, 2 * MAX_FAILURES_AT_START)

        assert keeper.signals == []


def test_a_web_server_that_hangs_before_its_first_answer_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "CHECK_SECONDS", 0)
    web, looks = Kept("web"), iter(range(MAX_FAILURES_AT_START))
    web.ended, web.is_due = lambda: None, lambda: False

    class EventLoop:
        stop_requests, selector = 0, Mock()

        def wait(self, seconds: float) -> None:
            self.stop_requests = int(next(looks, None) is None)

    monkeypatch.setattr(supervisor, "EventLoop", EventLoop)
    stack = Supervisor(SimpleNamespace(data_dir=tmp_path))
    stack.keepers = {"web": web}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stack._serve(listener)

    assert web.signals == [signal.SIGABRT, signal.SIGKILL]
    assert not stack.announced
