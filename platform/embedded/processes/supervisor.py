"""The process behind `manage.py up`: starts everything, keeps it running, ends it in order.

Small on purpose: no Django in here, and no threads, which Linux would tie the children's lives to.
What is told to it comes from `options.py`, what it runs from `programs.py`.
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
from embedded.health.liveness import LOOK_SECONDS, Liveness
from embedded.postgres import prepared_stamp
from embedded.postgres.server import Server
from embedded.processes import programs
from embedded.processes.event_loop import Loop
from embedded.processes.keeper import Keeper
from embedded.processes.listener import Probe, listen
from embedded.processes.log_output import Log, Voice, say
from embedded.processes.options import Options, from_environment
from embedded.terminal_language import ROOT
from embedded.terminal_language import gettext as _

LOCK_SECONDS = 10.0
TICK_SECONDS = 1.0
DISK_SECONDS = 10.0
HOPELESS_ENDS = 4
# Who is told to stop first, and who last; all others in between, together.
FIRST_TO_STOP, LAST_TO_STOP = ("prepare", "web"), ("postgres",)


class Supervisor:
    """One run of `manage.py up`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.loop = Loop()
        self.keepers: dict[str, Keeper] = {}
        self.announced = False
        self.full = False
        self.next_look = 0.0
        self.next_watch = 0.0

    def run(self) -> None:
        """Serve until a signal says stop; raises `CannotStart` if it never comes to that."""
        folders.make(self.options.data_dir)
        with DataDirLock(self.options.data_dir) as lock:
            self._take(lock)
            folders.prepare(self.options.data_dir, self.options.version)
            _refuse_malformed_settings()
            self.loop.hear_signals()
            with listen(self.options) as listener:
                try:
                    self._start(listener)
                    self._serve(listener)
                finally:
                    listener.close()
                    self._stop()

    def _take(self, lock: DataDirLock) -> None:
        """Take the lock, waiting for commands that hold it for a moment but not for another server."""
        deadline = time.monotonic() + LOCK_SECONDS
        while not lock.acquire(address=self.options.address):
            other = holder(self.options.data_dir)
            if (other and other.address) or time.monotonic() > deadline:
                raise refusal(self.options.data_dir)
            time.sleep(0.1)

    # --- Starting -----------------------------------------------------------------------------------------------------

    def _start(self, listener: socket.socket) -> None:
        if not self.options.external_database:
            self._start_database()
        if self.options.external_database or not prepared_stamp.holds(self.options.data_dir):
            self._prepare()
        if not self.loop.stop_requests:
            self._keep(programs.web(self.options, listener.fileno()))
            for number in range(1, self.options.workers + 1):
                self._keep(programs.worker(self.options, number))

    def _start_database(self) -> None:
        server = Server(self.options.data_dir)
        try:
            server.start(lambda: self.loop.stop_requests > 0)
        finally:
            if server.process is not None and server.program is not None:
                self.keepers["postgres"] = Keeper(server.program, self._voice("postgres"), self.loop, server.spawn)
                self.keepers["postgres"].adopt(server.process)

    def _prepare(self) -> None:
        """Run the preparation to its end; raises `CannotStart` with its last words when it fails."""
        keeper = Keeper(programs.preparation(self.options), self._voice("prepare", quiet=True), self.loop)
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
        keeper = Keeper(program, self._voice(program.name), self.loop)
        self.keepers[program.name] = keeper
        keeper.start()

    def _voice(self, name: str, *, quiet: bool = False) -> Voice:
        return Voice(name, Log(self.options.data_dir / "logs" / f"{name}.log"), quiet=quiet)

    # --- Serving ------------------------------------------------------------------------------------------------------

    def _serve(self, listener: socket.socket) -> None:
        probe = Probe(listener, self.loop.selector)
        liveness = Liveness(self.options.data_dir, probe)
        while not self.loop.stop_requests:
            for keeper in self.keepers.values():
                self._look_after(keeper)
            self._mention_full_disk()
            if not self.announced:
                probe.send()
            if time.monotonic() >= self.next_watch:
                liveness.look(self.keepers)
                self.next_watch = time.monotonic() + LOOK_SECONDS
            pauses = [k.due - time.monotonic() for k in self.keepers.values() if k.process is None]
            self.loop.wait(min([TICK_SECONDS, *pauses]))
            if probe.answered():
                liveness.web_has_answered = True
                if not self.announced:
                    self._announce()
        probe.close()

    def _look_after(self, keeper: Keeper) -> None:
        """Start `keeper`'s program again if it has ended, in its time."""
        if (how := keeper.ended()) is not None and not self.loop.stop_requests:
            name = keeper.program.name
            if name == "web" and not self.announced and keeper.quick_ends >= HOPELESS_ENDS:
                raise CannotStart(_("The web server did not start. Its last output: %s") % keeper.last_words(how))
            say(_("%(name)s exited (%(how)s) and is restarted.") % {"name": name, "how": how}, stream=2)
        if keeper.is_due():
            keeper.start()

    def _mention_full_disk(self) -> None:
        """Look at the disk now and then; say once that it is full, which explains whatever fails next."""
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + DISK_SECONDS
        try:
            folders.refuse_full(self.options.data_dir)
            self.full = False
        except CannotStart as exc:
            if not self.full:
                say(str(exc), stream=2)
            self.full = True

    def _announce(self) -> None:
        """Say where Reading Room is; what nobody waits for starts only now."""
        self.announced = True
        say(_("Reading Room is running at %s") % self.options.address)
        if code := prepared_stamp.setup_code(self.options.data_dir):
            say(_("Setup code, required when the page is opened from another machine: %s") % code)
        self._keep(programs.maintenance(self.options))

    # --- Stopping -----------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        between = self.keepers.keys() - {*FIRST_TO_STOP, *LAST_TO_STOP}
        for names in (FIRST_TO_STOP, between, LAST_TO_STOP):
            self._end([self.keepers[name] for name in names if name in self.keepers])

    def _end(self, keepers: list[Keeper]) -> None:
        """End these programs together, each from its gentlest signal on; whoever asks twice gets the last at once."""
        begun, asked = time.monotonic(), self.loop.stop_requests
        told: dict[str, signal.Signals] = {}
        while left := [keeper for keeper in keepers if keeper.process is not None and keeper.ended() is None]:
            hurried = self.loop.stop_requests > max(asked, 1)
            for keeper in left:
                number = keeper.program.signal_after(float("inf") if hurried else time.monotonic() - begun)
                if told.get(keeper.program.name) != number:
                    keeper.signal(number)
                    told[keeper.program.name] = number
            self.loop.wait(0.1)


def _refuse_malformed_settings() -> None:
    """Have another process load the settings, which needs Django; raise `CannotStart` with what it says."""
    command = [sys.executable, str(ROOT / "manage.py"), "version"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    if checked.returncode:
        raise CannotStart(checked.stderr.strip().rpartition("\n")[2])


def main() -> int:
    """Run the supervisor; return the exit code."""
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
