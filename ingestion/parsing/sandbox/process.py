"""One parsing child as its parent sees it: started, asked, watched, ended.

Safe to start from a process with threads: nothing runs between fork and exec, the child confines itself. Which child
gets which document is decided in `pool`.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from embedded.privacy import NO_TELEMETRY
from ingestion.errors.exceptions import PARSER_CRASHED, TOO_LARGE, TOO_SLOW, ParsingCancelled, UnreadableDocument
from ingestion.parsing.progress import PagesRead, Progress
from ingestion.parsing.sandbox.limits import Limits
from ingestion.parsing.sandbox.protocol import LARGEST_COUNT, LENGTH, Message, packed, unpacked

ROOT = Path(__file__).resolve().parents[3]
SOURCES = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
LOOK_EVERY = 0.25
CHUNK = 1024 * 1024
# Large pieces of memory go back to the system as soon as they are free: else a child that reads many scans would grow.
FRUGAL = {"MALLOC_MMAP_THRESHOLD_": str(1024 * 1024)}
KEPT_ENVIRONMENT = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
# numpy comes with text recognition and would reserve memory for each core.
QUIET = {"OPENBLAS_NUM_THREADS": "1"}
ALMOST = 0.75
KEPT_MEMORY = 0.6  # What reads text in pictures takes half a gigabyte, and over a second to load.
LONGEST_COMPLAINT = 2_000
KILLED = (-signal.SIGKILL, -signal.SIGTERM)


class Hangup(Exception):
    """The child has closed its side without an answer."""


class ChildKilled(Exception):
    """Somebody from outside has ended the child, which says nothing about the document."""


class ChildProcess:
    """A running child; used by one thread at a time."""

    def __init__(self, limits: Limits, temporary: Path | None = None) -> None:
        self.limits = limits
        self.documents = 0
        self.idle_since = time.monotonic()
        self._peak = 0
        self._received = bytearray()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "ingestion.parsing.sandbox.worker",
                json.dumps(asdict(limits)),
                str(os.getpid()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            bufsize=0,
            cwd="/",
            env=_environment(temporary),
            start_new_session=True,  # Ctrl-C in a terminal is for the parent, which ends its children itself.
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def is_worn_out(self) -> bool:
        """Whether it has read enough, or keeps too much memory, to be given another document."""
        return (
            self.documents >= self.limits.documents_per_child or self._memory() > self.limits.memory_bytes * KEPT_MEMORY
        )

    def kill(self) -> None:
        """End the process at once; for another thread than the one that uses it."""
        self._process.kill()

    def stop(self) -> None:
        """End the process at once and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream is not None:
                stream.close()

    def ask(self, request: Message, *, progress: Progress, cancelled: Callable[[], bool]) -> Message:
        """Send a request and wait for its answer; the child is of no more use once this has raised.

        Raises UnreadableDocument when the child dies or takes too much, ChildKilled when somebody ended it, and
        ParsingCancelled when told so.
        """
        began, pictures = time.monotonic(), 0
        self.documents += 1
        self._peak = 0
        try:
            self._send(request)
            while "progress" in (message := self._receive(self._deadline(began, pictures), cancelled)):
                with suppress(KeyError, ValueError, TypeError, OverflowError):
                    pictures = min(int(message["pictures"]), request.get("options", {}).get("max_pictures", 0))
                if (share := share_of(message)) is not None:
                    progress(share)
        except (Hangup, BrokenPipeError) as exc:
            raise self._verdict() from exc
        except ValueError as exc:
            raise UnreadableDocument(PARSER_CRASHED) from exc
        return message

    def _deadline(self, began: float, pictures: int) -> float:
        return began + self.limits.seconds + pictures * self.limits.picture_seconds

    def complaints(self) -> str:
        """The end of what the child wrote to its standard error."""
        size = self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(0, size - LONGEST_COMPLAINT))
        return self._complaints.read().decode(errors="replace").strip()

    def _send(self, request: Message) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        frame = memoryview(packed(request))
        while frame:
            frame = frame[stdin.write(frame) or 0 :]

    def _receive(self, deadline: float, cancelled: Callable[[], bool]) -> Message:
        while (message := self._complete()) is None:
            self._wait(deadline, cancelled)
            assert self._process.stdout is not None
            data = os.read(self._process.stdout.fileno(), CHUNK)
            if not data:
                raise Hangup
            self._received += data
        return message

    def _complete(self) -> Message | None:
        """The next message, if all of it has come."""
        if len(self._received) < LENGTH.size:
            return None
        (size,) = LENGTH.unpack_from(self._received)
        if size > self.limits.answer_bytes:
            raise UnreadableDocument(TOO_LARGE)
        if len(self._received) < LENGTH.size + size:
            return None
        message = unpacked(self._received[LENGTH.size : LENGTH.size + size])
        del self._received[: LENGTH.size + size]
        return message

    def _wait(self, deadline: float, cancelled: Callable[[], bool]) -> None:
        """Wait until there is something to read, looking up now and then."""
        assert self._process.stdout is not None
        poll = select.poll()
        poll.register(self._process.stdout, select.POLLIN)
        while not poll.poll(max(0.0, min(LOOK_EVERY, deadline - time.monotonic())) * 1000):
            if time.monotonic() >= deadline:
                raise UnreadableDocument(TOO_SLOW)
            if cancelled():
                raise ParsingCancelled
            self._peak = max(self._peak, self._memory())
            if self._peak > self.limits.memory_bytes:
                raise UnreadableDocument(TOO_LARGE)

    def _memory(self) -> int:
        """Bytes in use, 0 where the system does not tell."""
        with suppress(OSError, ValueError, IndexError):
            pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
            return int(pages) * os.sysconf("SC_PAGESIZE")
        return 0

    def _verdict(self) -> UnreadableDocument | ChildKilled:
        """What a child that has died died of."""
        status = self._process.wait()
        if status == -signal.SIGXCPU:
            return UnreadableDocument(TOO_SLOW)
        if self._peak > ALMOST * self.limits.memory_bytes or "MemoryError" in self.complaints():
            return UnreadableDocument(TOO_LARGE)
        return ChildKilled() if status in KILLED else UnreadableDocument(PARSER_CRASHED)


def share_of(message: Message) -> float | None:
    """The share that is done, with the page where the child says one; None for nonsense."""
    match message:
        case {"pages": [int(page), int(pages)]} if 0 <= page <= pages <= LARGEST_COUNT and pages:
            return PagesRead(page, pages)
        case {"progress": int(share) | float(share)} if share == share:  # NaN is not.
            return float(min(max(share, 0), 1))
    return None


def _environment(temporary: Path | None) -> dict[str, str]:
    """What the child may know: where to find things, and none of the parent's secrets."""
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    if temporary is not None:
        kept["TMPDIR"] = str(temporary)
    return kept | QUIET | FRUGAL | NO_TELEMETRY | {"PYTHONPATH": SOURCES, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
