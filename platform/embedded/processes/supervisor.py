"""The process behind `manage.py up`: starts the programs, restarts them, and stops them in order.

It loads no Django, for a quick start, and starts no threads, because Linux ties children to the
thread that started them. Its options are in `options`, its programs in `programs`.
"""

import os
import signal
import socket
import subprocess
import sys
import time

from embedded.child_process import Program, raise_file_limit
from embedded.data_dir import checks as folders
from embedded.data_dir.lock import DataDirLock, holder, refusal
from embedded.exceptions import CannotStart
from embedded.health.liveness import CHECK_SECONDS, Liveness
from embedded.postgres import prepared_stamp
from embedded.postgres.server import PostgresServer
from embedded.processes import programs
from embedded.processes.event_loop import EventLoop
from embedded.processes.listener import Probe, listen
from embedded.processes.log_output import ProgramOutput, RotatingLog, say
from embedded.processes.options import SupervisorOptions, from_environment
from embedded.processes.process_keeper import ProcessKeeper
from embedded.terminal_language import ROOT
from embedded.terminal_language import gettext as _

LOCK_SECONDS = 10.0
TICK_SECONDS = 1.0
DISK_CHECK_SECONDS = 10.0
MAX_QUICK_EXITS = 4
# The programs to stop first and last; the others stop together in between.
FIRST_TO_STOP, LAST_TO_STOP = ("prepare", "web"), ("postgres",)


class Supervisor:
    """One run of `manage.py up`."""

    def __init__(self, options: SupervisorOptions) -> None:
        self.options = options
        self.loop = EventLoop()
        self.keepers: dict[str, ProcessKeeper] = {}
        self.announced = False
        self.disk_is_full = False
        self.next_disk_check = 0.0
        self.next_liveness_check = 0.0

    def run(self) -> None:
        """Serve until a signal to stop; raises `CannotStart` if a part cannot start."""
        folders.make(self.options.data_dir)
        with DataDirLock(self.options.data_dir) as lock:
            deadline = time.monotonic() + LOCK_SECONDS
            while not lock.acquire(address=self.options.address):
                # A command holds the lock for a moment, which is worth waiting for; another server
                # does not release it.
                other = holder(self.options.data_dir)
                if (other and other.address) or time.monotonic() > deadline:
                    raise refusal(self.options.data_dir)
                time.sleep(0.1)
            folders.prepare(self.options.data_dir, self.options.version)
            _check_settings()
            self.loop.hear_signals()
            with listen(self.options) as listener:
                try:
                    self._start(listener)
                    self._serve(listener)
                finally:
                    listener.close()
                    between = self.keepers.keys() - {*FIRST_TO_STOP, *LAST_TO_STOP}
                    for names in (FIRST_TO_STOP, between, LAST_TO_STOP):
                        self._stop([self.keepers[name] for name in names if name in self.keepers])

    # --- Starting ---

    def _start(self, listener: socket.socket) -> None:
        if not self.options.external_database:
            server = PostgresServer(self.options.data_dir)
            try:
                server.start(lambda: self.loop.stop_requests > 0)
            finally:
                if server.process is not None and server.program is not None:
                    keeper = ProcessKeeper(
                        server.program, self._output("postgres"), self.loop, server.spawn
                    )
                    self.keepers["postgres"] = keeper
                    keeper.adopt(server.process)
        if self.options.external_database or not prepared_stamp.holds(self.options.data_dir):
            self._prepare()
        if not self.loop.stop_requests:
            self._keep(programs.web(self.options, listener.fileno()))
            for number in range(1, self.options.workers + 1):
                self._keep(programs.worker(self.options, number))

    def _prepare(self) -> None:
        """Run the preparation; raises `CannotStart` with its last line of output if it fails."""
        keeper = ProcessKeeper(
            programs.preparation(self.options), self._output("prepare", quiet=True), self.loop
        )
        self.keepers["prepare"] = keeper
        keeper.start()
        while (how := keeper.ended()) is None:
            self.loop.wait(TICK_SECONDS)
            if self.loop.stop_requests:
                return
        del self.keepers["prepare"]
        if how != "exit 0":
            raise CannotStart(_("The database setup failed: %s") % keeper.last_words(how))
        if not self.options.external_database:
            prepared_stamp.keep(self.options.data_dir)

    def _keep(self, program: Program) -> None:
        keeper = ProcessKeeper(program, self._output(program.name), self.loop)
        self.keepers[program.name] = keeper
        keeper.start()

    def _output(self, name: str, *, quiet: bool = False) -> ProgramOutput:
        return ProgramOutput(
            name, RotatingLog(self.options.data_dir / "logs" / f"{name}.log"), quiet=quiet
        )

    # --- Serving ---

    def _serve(self, listener: socket.socket) -> None:
        probe = Probe(listener, self.loop.selector)
        liveness = Liveness(self.options.data_dir, probe)
        while not self.loop.stop_requests:
            for keeper in self.keepers.values():
                self._restart_if_ended(keeper)
            self._report_full_disk()
            if not self.announced:
                probe.send()
            if time.monotonic() >= self.next_liveness_check:
                liveness.check(self.keepers)
                self.next_liveness_check = time.monotonic() + CHECK_SECONDS
            pauses = [k.due - time.monotonic() for k in self.keepers.values() if k.process is None]
            self.loop.wait(min([TICK_SECONDS, *pauses]))
            if probe.answered():
                liveness.web_has_answered = True
                if not self.announced:
                    self._announce()
        probe.close()

    def _restart_if_ended(self, keeper: ProcessKeeper) -> None:
        """Restart an ended program after its pause.

        Raises `CannotStart` if the web server never starts.
        """
        if (how := keeper.ended()) is not None and not self.loop.stop_requests:
            name = keeper.program.name
            if name == "web" and not self.announced and keeper.quick_ends >= MAX_QUICK_EXITS:
                raise CannotStart(
                    _("The web server did not start. Its last output: %s") % keeper.last_words(how)
                )
            say(
                _("%(name)s exited (%(how)s) and is restarted.") % {"name": name, "how": how},
                stream=2,
            )
        if keeper.is_due():
            keeper.start()

    def _report_full_disk(self) -> None:
        """Check the disk every DISK_CHECK_SECONDS, and report once that it is full.

        The report explains later errors.
        """
        if time.monotonic() < self.next_disk_check:
            return
        self.next_disk_check = time.monotonic() + DISK_CHECK_SECONDS
        try:
            folders.refuse_full(self.options.data_dir)
            self.disk_is_full = False
        except CannotStart as exc:
            if not self.disk_is_full:
                say(str(exc), stream=2)
            self.disk_is_full = True

    def _announce(self) -> None:
        """Print the address, and start the maintenance worker, which no visitor waits for."""
        self.announced = True
        say(_("Reading Room is running at %s") % self.options.address)
        if code := prepared_stamp.setup_code(self.options.data_dir):
            say(_("Setup code, required when the page is opened from another machine: %s") % code)
        self._keep(programs.maintenance(self.options))

    # --- Stopping ---

    def _stop(self, keepers: list[ProcessKeeper]) -> None:
        """Stop these programs concurrently with their stop sequences.

        A second request to stop sends the last signals at once.
        """
        begun, asked = time.monotonic(), self.loop.stop_requests
        sent: dict[str, signal.Signals] = {}
        while left := [
            keeper for keeper in keepers if keeper.process is not None and keeper.ended() is None
        ]:
            is_urgent = self.loop.stop_requests > max(asked, 1)
            for keeper in left:
                number = keeper.program.signal_after(
                    float("inf") if is_urgent else time.monotonic() - begun
                )
                if sent.get(keeper.program.name) != number:
                    keeper.signal(number)
                    sent[keeper.program.name] = number
            self.loop.wait(0.1)


def _check_settings() -> None:
    """Load the settings in another process, because they need Django.

    Raises `CannotStart` with the last line of its output.
    """
    command = [sys.executable, str(ROOT / "manage.py"), "version"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    if checked.returncode:
        raise CannotStart(checked.stderr.strip().rpartition("\n")[2])


def main() -> int:
    """Run the supervisor and return the exit code."""
    os.umask(0o077)
    raise_file_limit()
    try:
        options = from_environment()
        try:
            Supervisor(options).run()
        except OSError as exc:
            raise folders.unusable(options.data_dir, exc) from exc
    except CannotStart as exc:
        say(str(exc), stream=2)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
