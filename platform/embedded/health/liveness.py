"""Watching processes that run but do nothing any more: the web server must answer, a worker must show its pulse.

Misses are counted by looks, not by the clock: a supervisor that was paused, or a clock that was set, ends nothing.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.health.heartbeat_files import last_beats
from embedded.processes.keeper import Keeper
from embedded.processes.listener import Probe
from embedded.processes.log_output import say
from embedded.terminal_language import gettext as _

# A look every 10 s, and the end after 6 in a row without a sign of life. The longest that busy web servers were seen to
# wait with an answer was 31 s, on two cores that 60 sign-ins had at once; a worker beats every second.
LOOK_SECONDS = 10.0
MOST_MISSES = 6
# Loading the program takes 2 to 20 s, the first look at a large disk more. A worker without a file is not judged: it
# starts, or has lost its broker.
MOST_MISSES_AT_START = 30


@dataclass(slots=True)
class _Seen:
    """What was seen of one process."""

    pid: int
    misses: int = 0
    has_lived: bool = False
    beats: tuple[int, ...] = ()


class Liveness:
    """Ends processes that give no sign of life; their keepers start them again."""

    def __init__(self, data_dir: Path, probe: Probe) -> None:
        self._folder = data_dir / "pulse"
        self._probe = probe
        self._seen: dict[str, _Seen] = {}
        self.web_has_answered = False

    def look(self, keepers: Mapping[str, Keeper]) -> None:
        """Look at all of them once, and ask the web server for the next time."""
        for name, keeper in keepers.items():
            if keeper.process is None or name == "postgres":
                continue
            seen = self._seen.get(name)
            if seen is None or seen.pid != keeper.process.pid:
                seen = self._seen[name] = _Seen(keeper.process.pid)
            if self._lives(name, seen):
                seen.misses, seen.has_lived = 0, True
            else:
                seen.misses += 1
                self._end_if_hung(keeper, seen)
        self._probe.send()  # One question at a time: an answer that takes long is an answer.
        self.web_has_answered = False

    def _lives(self, name: str, seen: _Seen) -> bool:
        if name == "web":
            return self.web_has_answered
        before, seen.beats = seen.beats, tuple(last_beats(self._folder, seen.pid))
        return not seen.beats or seen.beats != before

    def _end_if_hung(self, keeper: Keeper, seen: _Seen) -> None:
        """Have faulthandler write the stacks of a hung process, and kill it at the next look if it is still there."""
        over = seen.misses - (MOST_MISSES if seen.has_lived else MOST_MISSES_AT_START)
        if over == 0:
            seconds = round(seen.misses * LOOK_SECONDS)
            values = {"name": keeper.program.name, "seconds": seconds}
            say(_("%(name)s has not responded for %(seconds)d s and is restarted.") % values, stream=2)
        if over >= 0:
            keeper.signal(signal.SIGABRT if over == 0 else signal.SIGKILL)
