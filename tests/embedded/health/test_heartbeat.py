"""The heartbeat of a worker and its timetable."""

import os
import time
from types import SimpleNamespace

import pytest
from celery import Celery

from embedded.file_broker import broker_settings
from embedded.health.heartbeat import Heartbeat, Timetable, install, stopping
from embedded.health.heartbeat_files import last_heartbeat_age


class Clock:
    """A timer that records its calls."""

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
    """The attributes of a worker that its boot steps use."""
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


def test_the_age_of_a_heartbeat_is_the_time_since_the_last_beat(worker, tmp_path):
    pulse = Heartbeat(worker)
    pulse.start(serving(worker, "index"))
    [path] = (tmp_path / "pulse").iterdir()

    assert last_heartbeat_age(tmp_path / "pulse", "index") < 1
    assert last_heartbeat_age(tmp_path / "pulse", "maintenance") is None

    os.utime(path, (time.time() - 30, time.time() - 30))
    assert 29 < last_heartbeat_age(tmp_path / "pulse", "index") < 32

    pulse.beat()
    assert last_heartbeat_age(tmp_path / "pulse", "index") < 1


def test_the_latest_heartbeat_counts_and_stale_files_are_removed(worker, tmp_path):
    folder = tmp_path / "pulse"
    folder.mkdir()
    for age, name in ((3, "index@a-1"), (20, "index@b-2"), (900, "index@c-3")):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age, time.time() - age))

    assert 2 < last_heartbeat_age(folder, "index") < 5
    Heartbeat(worker).start(serving(worker, "maintenance"))

    assert sorted(path.name for path in folder.glob("index@*")) == ["index@a-1", "index@b-2"]


def test_a_heartbeat_in_the_future_is_ignored(tmp_path):
    for name, ahead in (("index@a-1", 3600), ("maintenance@a-1", 3600), ("maintenance@b-2", -3)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() + ahead, time.time() + ahead))

    assert last_heartbeat_age(tmp_path, "index") is None
    assert 2 < last_heartbeat_age(tmp_path, "maintenance") < 5


def test_a_stopped_worker_has_no_heartbeat(worker, tmp_path):
    pulse = Heartbeat(worker)
    pulse.start(serving(worker, "index"))
    pulse.stop(worker)

    assert last_heartbeat_age(tmp_path / "pulse", "index") is None
    assert worker.timer.cancelled == 1


def test_a_worker_survives_the_removal_of_its_heartbeat_folder(worker, tmp_path):
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


def test_long_tasks_are_told_that_the_worker_stops(worker):
    timetable = Timetable(worker)
    timetable.start(serving(worker, "maintenance"))
    assert not stopping.is_set()

    timetable.close(worker)
    timetable.stop(worker)

    assert stopping.is_set()
    assert worker.timer.cancelled == 2
    stopping.clear()


def test_both_steps_are_installed_in_the_workers_of_an_application(worker):
    install(worker.app)

    assert Heartbeat in worker.app.steps["consumer"]
    assert Timetable in worker.app.steps["worker"]
