"""Liveness checks of processes that hang.

The web server must answer, and a worker must have a heartbeat.

Failures are counted by checks, not by the clock, so a paused supervisor or a changed clock ends no
process.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.health.heartbeat_files import last_beats
from embedded.processes.listener import Probe
from embedded.processes.log_output import say
from embedded.processes.process_keeper import ProcessKeeper
from embedded.terminal_language import gettext as _

# A process is ended after 6 failed checks in a row, 60 s. The slowest answer measured from a busy
# web server took 31 s, with 60 concurrent sign-ins on two cores; a worker beats every second.
CHECK_SECONDS = 10.0
MAX_FAILURES = 6
# A start takes 2 to 20 s, longer on a cold disk. A worker without a heartbeat file is not judged:
# it is starting, or has lost its broker.
MAX_FAILURES_AT_START = 30


@dataclass(slots=True)
class _ProcessHealth:
    """The results of the checks of one process."""

    pid: int
    failures: int = 0
    has_succeeded: bool = False
    beats: tuple[int, ...] = ()


class Liveness:
    """Ends hung processes; their keepers start them again."""

    def __init__(self, data_dir: Path, probe: Probe) -> None:
        self._folder = data_dir / "pulse"
        self._probe = probe
        self._health: dict[str, _ProcessHealth] = {}
        self.web_has_answered = False

    def check(self, keepers: Mapping[str, ProcessKeeper]) -> None:
        """Check each process once, and send the web server the request for the next check."""
        for name, keeper in keepers.items():
            if keeper.process is None or name == "postgres":
                continue
            health = self._health.get(name)
            if health is None or health.pid != keeper.process.pid:
                health = self._health[name] = _ProcessHealth(keeper.process.pid)
            if name == "web":
                lives = self.web_has_answered
            else:
                before, health.beats = health.beats, tuple(last_beats(self._folder, health.pid))
                lives = not health.beats or health.beats != before
            if lives:
                health.failures, health.has_succeeded = 0, True
            else:
                health.failures += 1
                self._end_if_hung(keeper, health)
        # Does nothing while an answer is outstanding: a slow answer counts as an answer.
        self._probe.send()
        self.web_has_answered = False

    def _end_if_hung(self, keeper: ProcessKeeper, health: _ProcessHealth) -> None:
        """Send SIGABRT, on which faulthandler writes the stacks, and SIGKILL at the next check."""
        over = health.failures - (MAX_FAILURES if health.has_succeeded else MAX_FAILURES_AT_START)
        if over == 0:
            seconds = round(health.failures * CHECK_SECONDS)
            values = {"name": keeper.program.name, "seconds": seconds}
            say(
                _("%(name)s has not responded for %(seconds)d s and is restarted.") % values,
                stream=2,
            )
        if over >= 0:
            keeper.signal(signal.SIGABRT if over == 0 else signal.SIGKILL)
