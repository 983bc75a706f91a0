"""Boot steps of each Celery worker: heartbeat and timetable.

Both run even while the pool is full.

A worker touches its heartbeat files every second while it is connected. Any number of workers may
run.
"""

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps

from embedded.health.heartbeat_files import heartbeat_file

BEAT_INTERVAL_SECONDS = 1.0
MAX_HEARTBEAT_AGE_SECONDS = 5.0
STALE_FILE_SECONDS = 60.0
FIRST_SEND_SECONDS = 2.0

#: Set when this worker is told to stop. A task that loops over rows ends then; the rows keep the remaining work.
stopping = threading.Event()


def install(app: Celery) -> None:
    """Add both steps to the workers of `app`, whose `timetable` maps task names to seconds."""
    app.conf.worker_timer_precision = 0.2  # The longest wait for the timer when Celery stops.
    app.steps["consumer"].add(Heartbeat)
    app.steps["worker"].add(Timetable)


class Heartbeat(bootsteps.StartStopStep):
    """Touches one file per queue each second while the worker is connected to its broker.

    It runs in the thread of the timer.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **_kwargs: Any) -> None:
        self.timer: Any = None
        self.paths: list[Path] = []

    def start(self, parent: Any) -> None:
        """Start the heartbeat; called again after a lost connection."""
        folder = Path(parent.app.conf.heartbeat_folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in folder.glob("*@*"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > STALE_FILE_SECONDS:
                    path.unlink()
        self.paths = [heartbeat_file(folder, queue) for queue in _queues(parent.app)]
        self.beat()
        self.timer = parent.timer.call_repeatedly(BEAT_INTERVAL_SECONDS, self.beat)

    def beat(self) -> None:
        """Touch the files."""
        for path in self.paths:
            with suppress(OSError):  # A full disk must not stop the worker.
                path.touch(mode=0o600)

    def stop(self, parent: Any) -> None:
        """Stop the heartbeat and remove the files."""
        if self.timer is not None:
            self.timer.cancel()
        for path in self.paths:
            path.unlink(missing_ok=True)

    def terminate(self, parent: Any) -> None:
        """Do as `stop` does."""
        self.stop(parent)


class Timetable(bootsteps.StartStopStep):
    """Sends each task of the timetable at its interval if this worker serves the queue of the task.

    Several workers send a task more often, which is harmless: the tasks look for work and may run
    at any time. Celery closes this step first when a worker stops, so `close` sets `stopping`.
    """

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **_kwargs: Any) -> None:
        self.timers: list[Any] = []

    def start(self, parent: Any) -> None:
        """Send each task FIRST_SEND_SECONDS after the start, then at its interval.

        The first run does the work left by an earlier process.
        """
        stopping.clear()
        served = set(_queues(parent.app))
        for name, seconds in parent.app.conf.get("timetable", {}).items():
            if parent.app.amqp.router.route({}, name)["queue"].name in served:
                again = (parent.app, name, seconds)
                self.timers.append(parent.timer.call_repeatedly(seconds, send, again))
                self.timers.append(parent.timer.call_after(FIRST_SEND_SECONDS, send, again))

    def close(self, parent: Any) -> None:
        """Tell long tasks that the worker stops."""
        stopping.set()

    def stop(self, parent: Any) -> None:
        """Cancel the timers."""
        for timer in self.timers:
            timer.cancel()

    def terminate(self, parent: Any) -> None:
        """Do as `stop` does."""
        self.stop(parent)


def send(app: Celery, name: str, seconds: float) -> None:
    """Send task `name`, which expires when the next one is due."""
    app.send_task(name, expires=seconds)


def _queues(app: Celery) -> list[str]:
    return list(app.amqp.queues.consume_from)
