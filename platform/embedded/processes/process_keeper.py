"""Runs one program, reads its output, and restarts it when it ends.

A program that ended soon is restarted after a pause.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from embedded.child_process import Program, spawn, sweep
from embedded.processes.event_loop import EventLoop
from embedded.processes.log_output import ProgramOutput

STEADY_RUN_SECONDS = 5.0
MAX_PAUSE_SECONDS = 10.0


class ProcessKeeper:
    """One program and its current process."""

    def __init__(
        self,
        program: Program,
        output: ProgramOutput,
        loop: EventLoop,
        launch: Callable[[], subprocess.Popen[bytes]] | None = None,
    ) -> None:
        self.program = program
        self.output = output
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
        """Take over a running process."""
        self.process, self._started = process, time.monotonic()
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, self._read_output)

    def ended(self) -> str | None:
        """Return the exit status if the process has ended, and kill the rest of its session."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        sweep(self.process)
        if (stdout := self.process.stdout) is not None:
            self.output.read(stdout.fileno())
            with suppress(KeyError):
                self._selector.unregister(stdout)
            stdout.close()
        self.process = None
        steady = time.monotonic() - self._started > STEADY_RUN_SECONDS
        self.quick_ends = 0 if steady else self.quick_ends + 1
        self.due = time.monotonic() + (
            0.0 if steady else min(0.1 * 2**self.quick_ends, MAX_PAUSE_SECONDS)
        )
        return signal.Signals(-code).name if code < 0 else f"exit {code}"

    def last_words(self, otherwise: str) -> str:
        """Return the last line of the program's output."""
        return self.output.recent[-1] if self.output.recent else otherwise

    def is_due(self) -> bool:
        """Return whether it is time to start the process again."""
        return self.process is None and self.due <= time.monotonic()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if there is one."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def _read_output(self) -> None:
        stdout = self.process.stdout if self.process else None
        if stdout is not None and not self.output.read(stdout.fileno()):
            self._selector.unregister(stdout)
