"""The pulse of a worker, and the timetable that it sends from."""

import os
import time
from types import SimpleNamespace

import pytest
from celery import Celery

from embedded.file_broker import broker_settings
from embedded.health.heartbeat import Heartbeat, Timetable, install, stopping
from embedded.health.heartbeat_files import last_heartbeat_age


class Clock:
    """A timer that only notes what it is asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, object, tuple[object, ...]]] = []
        self.cancelled = 0

    def call_repeatedly(self, seconds, function, arguments=()):
        self.calls.append((seconds, function, arguments))
        return SimpleNamespace(cancel=self._cancel)

    call_after = call_repeatedly

    def _cancel(self) -> None:
        self.cancelled += 1


@pytest.fixture
def worker(tmp_path):
    """A worker of one queue, as its parts see it."""
    app = Celery("test", set_as_current=False)
    app.conf.update(
        **broker_settings(tmp_path, ""),
        task_default_queue="index",
        task_routes={"maintain_*": {"queue": "maintenance"}},
        timetable={"maintain_leases": 30, "index_waiting": 60},
    )
    yield SimpleNamespace(app=app, timer=Clock())
    app.close()


def serving(worker, queue: str):
    worker.app.amqp.queues.select([queue])
    return worker


def test_a_pulse_is_as_old_as_its_last_beat(worker, tmp_path):
    pulse = Heartbeat(worker)
    pulse.start(serving(worker, "index"))
    [path] = (tmp_path / "pulse").iterdir()

    assert last_heartbeat_age(tmp_path / "pulse", "index") < 1
    assert last_heartbeat_age(tmp_path / "pulse", "maintenance") is None

    os.utime(path, (time.time() - 30, time.time() - 30))
    assert 29 < last_heartbeat_age(tmp_path / "pulse", "index") < 32

    pulse.beat()
    assert last_heartbeat_age(tmp_path / "pulse", "index") < 1


def test_the_freshest_of_several_counts_and_the_dead_are_forgotten(worker, tmp_path):
    folder = tmp_path / "pulse"
    folder.mkdir()
    for age, name in ((3, "index@a-1"), (20, "index@b-2"), (900, "index@c-3")):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age, time.time() - age))

    assert 2 < last_heartbeat_age(folder, "index") < 5
    Heartbeat(worker).start(serving(worker, "maintenance"))

    assert sorted(path.name for path in folder.glob("index@*")) == ["index@a-1", "index@b-2"]


def test_a_pulse_from_the_future_counts_as_none(tmp_path):
    for name, ahead in (("index@a-1", 3600), ("maintenance@a-1", 3600), ("maintenance@b-2", -3)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() + ahead, time.time() + ahead))

    assert last_heartbeat_age(tmp_path, "index") is None
    assert 2 < last_heartbeat_age(tmp_path, "maintenance") < 5


def test_a_worker_that_stops_has_no_pulse(worker, tmp_path):
    pulse = Heartbeat(worker)
    pulse.start(serving(worker, "index"))
    pulse.stop(worker)

    assert last_heartbeat_age(tmp_path / "pulse", "index") is None
    assert worker.timer.cancelled == 1


def test_a_folder_that_is_gone_does_not_hurt_the_worker(worker, tmp_path):
    pulse = Heartbeat(worker)
    pulse.start(serving(worker, "index"))
    pulse.paths[0].unlink()
    (tmp_path / "pulse").rmdir()

    pulse.beat()

    assert worker.timer.cancelled == 0
    assert last_heartbeat_age(tmp_path / "pulse", "index") is None


def test_a_worker_sends_the_tasks_of_its_queue(worker):
    Timetable(worker).start(serving(worker, "maintenance"))

    assert [(seconds, arguments[1]) for seconds, _send, arguments in worker.timer.calls] == [
        (30, "maintain_leases"),
        (2.0, "maintain_leases"),
    ]


def test_a_sent_task_expires_when_the_next_is_due(worker, monkeypatch):
    sent = []
    monkeypatch.setattr(
        worker.app, "send_task", lambda name, **options: sent.append((name, options))
    )
    Timetable(worker).start(serving(worker, "index"))

    _seconds, function, arguments = worker.timer.calls[0]
    function(*arguments)

    assert sent == [("index_waiting", {"expires": 60})]


def test_long_tasks_hear_that_the_worker_stops(worker):
    timetable = Timetable(worker)
    timetable.start(serving(worker, "maintenance"))
    assert not stopping.is_set()

    timetable.close(worker)
    timetable.stop(worker)

    assert stopping.is_set()
    assert worker.timer.cancelled == 2
    stopping.clear()


def test_every_worker_of_the_application_has_the_steps(worker):
    install(worker.app)

    assert Heartbeat in worker.app.steps["consumer"]
    assert Timetable in worker.app.steps["worker"]
