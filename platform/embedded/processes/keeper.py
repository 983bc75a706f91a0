"""Keeping one program running: started, listened to, started again when it ends, after a pause when it ends at once."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from embedded.child_process import Program, spawn, sweep
from embedded.processes.event_loop import Loop
from embedded.processes.log_output import Voice

STEADY_SECONDS = 5.0
LONGEST_PAUSE = 10.0


class Keeper:
    """One program and the process it runs as right now."""

    def __init__(
        self,
        program: Program,
        voice: Voice,
        loop: Loop,
        launch: Callable[[], subprocess.Popen[bytes]] | None = None,
    ) -> None:
        self.program = program
        self.voice = voice
        self.process: subprocess.Popen[bytes] | None = None
        self.quick_ends = 0
        self.due = 0.0
        self._selector = loop.selector
        self._launch = launch or (lambda: spawn(program, output=subprocess.PIPE))
        self._started = 0.0

    def start(self) -> None:
        """Start the process."""
        self.adopt(self._launch())

    def adopt(self, process: subprocess.Popen[bytes]) -> None:
        """Take over a process that runs already."""
        self.process, self._started = process, time.monotonic()
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, self._listen)

    def ended(self) -> str | None:
        """Return how the process ended if it just has, and clean up behind it."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        self._clean(self.process)
        self.process = None
        steady = time.monotonic() - self._started > STEADY_SECONDS
        self.quick_ends = 0 if steady else self.quick_ends + 1
        self.due = time.monotonic() + (0.0 if steady else min(0.1 * 2**self.quick_ends, LONGEST_PAUSE))
        return signal.Signals(-code).name if code < 0 else f"exit {code}"

    def last_words(self, otherwise: str) -> str:
        """Return the last line that the program has said."""
        return self.voice.recent[-1] if self.voice.recent else otherwise

    def is_due(self) -> bool:
        """Return whether it is time to start the process again."""
        return self.process is None and self.due <= time.monotonic()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if there is one."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def _listen(self) -> None:
        output = self.process.stdout if self.process else None
        if output is not None and not self.voice.read(output.fileno()):
            self._selector.unregister(output)

    def _clean(self, process: subprocess.Popen[bytes]) -> None:
        sweep(process)
        if process.stdout is not None:
            self.voice.read(process.stdout.fileno())
            with suppress(KeyError):
                self._selector.unregister(process.stdout)
            process.stdout.close()
