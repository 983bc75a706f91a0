"""One parsing child, seen from its parent: start, request, watch, end.

Safe to start from a process with threads: nothing runs between fork and exec, and the child
restricts itself. `pool` decides which child reads which document.
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
from ingestion.errors.exceptions import (
    PARSER_CRASHED,
    TOO_LARGE,
    TOO_SLOW,
    ParsingCancelled,
    UnreadableDocument,
)
from ingestion.parsing.progress import PagesRead, Progress
from ingestion.parsing.sandbox.limits import Limits
from ingestion.parsing.sandbox.protocol import LENGTH, MAX_COUNT, Message, packed, unpacked

ROOT = Path(__file__).resolve().parents[3]
SOURCES = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
POLL_SECONDS = 0.25
READ_BYTES = 1024 * 1024
# malloc returns large blocks to the system once they are free; otherwise a child that reads many
# scans would grow.
RETURNED_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1024 * 1024)}
KEPT_ENVIRONMENT = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
# numpy, which text recognition imports, reserves memory for each thread.
SINGLE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
SUSPECT_MEMORY_SHARE = 0.75  # A child that died with more in use died of its memory.
KEPT_MEMORY_SHARE = 0.6  # Text recognition takes half a gigabyte, and a second to load.
COMPLAINT_BYTES = 2_000
KILLED_STATUSES = (-signal.SIGKILL, -signal.SIGTERM)


class Hangup(Exception):
    """The child closed its output without an answer."""


class ChildKilled(Exception):
    """Another process ended the child; the document is not at fault."""


class ChildProcess:
    """A running child; used by one thread at a time."""

    def __init__(self, limits: Limits, temporary: Path | None = None) -> None:
        self.limits = limits
        self.documents = 0
        self.idle_since = time.monotonic()
        self._peak = 0
        self._received = bytearray()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        # None of the parent's secrets, only the folders that the child needs.
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        if temporary is not None:
            environment["TMPDIR"] = str(temporary)
        environment |= SINGLE_THREAD | RETURNED_MEMORY | NO_TELEMETRY
        environment |= {"PYTHONPATH": SOURCES, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
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
            env=environment,
            start_new_session=True,  # Ctrl-C reaches only the parent, which ends its children.
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def is_worn_out(self) -> bool:
        """Whether the child has read too many documents or holds too much memory for another."""
        return (
            self.documents >= self.limits.documents_per_child
            or self._memory() > self.limits.memory_bytes * KEPT_MEMORY_SHARE
        )

    def kill(self) -> None:
        """End the process at once, from any thread."""
        self._process.kill()

    def stop(self) -> None:
        """End the process at once and wait for it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream is not None:
                stream.close()

    def ask(
        self, request: Message, *, progress: Progress, cancelled: Callable[[], bool]
    ) -> Message:
        """Send a request and wait for the answer; after an exception the child is unusable.

        Raises UnreadableDocument if the child dies or exceeds its limits, ChildKilled if another
        process ended the child, and ParsingCancelled if `cancelled` returns true.
        """
        stdin = self._process.stdin
        assert stdin is not None
        began, pictures = time.monotonic(), 0
        self.documents += 1
        self._peak = 0
        try:
            frame = memoryview(packed(request))
            while frame:
                frame = frame[stdin.write(frame) or 0 :]
            while True:
                deadline = began + self.limits.seconds + pictures * self.limits.picture_seconds
                message = self._receive(deadline, cancelled)
                if "progress" not in message:
                    return message
                with suppress(KeyError, ValueError, TypeError, OverflowError):
                    pictures = min(
                        int(message["pictures"]), request.get("options", {}).get("max_pictures", 0)
                    )
                if (share := share_of(message)) is not None:
                    progress(share)
        except (Hangup, BrokenPipeError) as exc:
            status = self._process.wait()
            if status == -signal.SIGXCPU:
                raise UnreadableDocument(TOO_SLOW) from exc
            if (
                self._peak > SUSPECT_MEMORY_SHARE * self.limits.memory_bytes
                or "MemoryError" in self.complaints()
            ):
                raise UnreadableDocument(TOO_LARGE) from exc
            raise (
                ChildKilled() if status in KILLED_STATUSES else UnreadableDocument(PARSER_CRASHED)
            ) from exc
        except ValueError as exc:
            raise UnreadableDocument(PARSER_CRASHED) from exc

    def complaints(self) -> str:
        """The last bytes of the child's standard error, as text."""
        size = self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(0, size - COMPLAINT_BYTES))
        return self._complaints.read().decode(errors="replace").strip()

    def _receive(self, deadline: float, cancelled: Callable[[], bool]) -> Message:
        while (message := self._complete()) is None:
            self._wait(deadline, cancelled)
            assert self._process.stdout is not None
            data = os.read(self._process.stdout.fileno(), READ_BYTES)
            if not data:
                raise Hangup
            self._received += data
        return message

    def _complete(self) -> Message | None:
        """The next message, or None if it has not arrived completely."""
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
        """Wait for output of the child; checks limits and `cancelled` four times a second."""
        assert self._process.stdout is not None
        poll = select.poll()
        poll.register(self._process.stdout, select.POLLIN)
        while not poll.poll(max(0.0, min(POLL_SECONDS, deadline - time.monotonic())) * 1000):
            if time.monotonic() >= deadline:
                raise UnreadableDocument(TOO_SLOW)
            if cancelled():
                raise ParsingCancelled
            self._peak = max(self._peak, self._memory())
            if self._peak > self.limits.memory_bytes:
                raise UnreadableDocument(TOO_LARGE)

    def _memory(self) -> int:
        """Resident bytes of the process, or 0 if the system has no /proc."""
        with suppress(OSError, ValueError, IndexError):
            pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
            return int(pages) * os.sysconf("SC_PAGESIZE")
        return 0


def share_of(message: Message) -> float | None:
    """The share in a progress message, with the page if present; None if values are invalid."""
    match message:
        case {"pages": [int(page), int(pages)]} if 0 <= page <= pages <= MAX_COUNT and pages:
            return PagesRead(page, pages)
        case {"progress": int(share) | float(share)} if share == share:  # NaN is not.
            return float(min(max(share, 0), 1))
    return None
