"""The pulse of the workers and their timetable: parts that each Celery worker carries, whatever its pool is busy with.

A pulse is the age of a file that a worker touches every second while it is connected. Any number of workers may run.
"""

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps

from embedded.health.heartbeat_files import pulse_file

BEAT_SECONDS = 1.0
FRESH_SECONDS = 5.0
FORGOTTEN_SECONDS = 60.0
FIRST_SECONDS = 2.0

#: Set once this worker has been told to stop: a task that loops over rows leaves off here, the rows remember the rest.
stopping = threading.Event()


def install(app: Celery) -> None:
    """Give the workers of `app` a pulse, and the timetable in its setting `timetable` (task name → seconds)."""
    app.conf.worker_timer_precision = 0.2  # Celery waits for its timer at most so long when it stops.
    app.steps["consumer"].add(Pulse)
    app.steps["worker"].add(Timetable)


class Pulse(bootsteps.StartStopStep):
    """Touches one file per queue each second, from the timer's thread, while the worker listens to its broker."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **_kwargs: Any) -> None:
        self.timer: Any = None
        self.paths: list[Path] = []

    def start(self, parent: Any) -> None:
        """Begin to beat; called again after a lost connection."""
        folder = Path(parent.app.conf.pulse_folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_the_dead(folder)
        self.paths = [pulse_file(folder, queue) for queue in _queues(parent.app)]
        self.beat()
        self.timer = parent.timer.call_repeatedly(BEAT_SECONDS, self.beat)

    def beat(self) -> None:
        """Show that this worker lives."""
        for path in self.paths:
            with suppress(OSError):  # A full disk is no reason to stop working.
                path.touch(mode=0o600)

    def stop(self, parent: Any) -> None:
        """Stop beating and leave no file behind."""
        if self.timer is not None:
            self.timer.cancel()
        for path in self.paths:
            path.unlink(missing_ok=True)

    def terminate(self, parent: Any) -> None:
        """Stop as well."""
        self.stop(parent)


class Timetable(bootsteps.StartStopStep):
    """Sends each task of the timetable every so many seconds, if this worker serves the queue that they go to.

    With several such workers a task comes more often: these tasks look for work and may run at any time. It is also the
    part that is told first that the worker stops, and passes that on.
    """

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **_kwargs: Any) -> None:
        self.timers: list[Any] = []

    def start(self, parent: Any) -> None:
        """Begin, soon after the start, with what may have been forgotten before it."""
        stopping.clear()
        served = set(_queues(parent.app))
        for name, seconds in parent.app.conf.get("timetable", {}).items():
            if parent.app.amqp.router.route({}, name)["queue"].name in served:
                again = (parent.app, name, seconds)
                self.timers.append(parent.timer.call_repeatedly(seconds, send, again))
                self.timers.append(parent.timer.call_after(FIRST_SECONDS, send, again))

    def close(self, parent: Any) -> None:
        """Say to long tasks that the worker is about to stop."""
        stopping.set()

    def stop(self, parent: Any) -> None:
        """Send nothing more."""
        for timer in self.timers:
            timer.cancel()

    def terminate(self, parent: Any) -> None:
        """Stop as well."""
        self.stop(parent)


def send(app: Celery, name: str, seconds: float) -> None:
    """Send task `name`, to be forgotten if nobody has taken it by the next time."""
    app.send_task(name, expires=seconds)


def _queues(app: Celery) -> list[str]:
    return list(app.amqp.queues.consume_from)


def _forget_the_dead(folder: Path) -> None:
    for path in folder.glob("*@*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > FORGOTTEN_SECONDS:
                path.unlink()
