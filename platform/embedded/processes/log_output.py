"""Output of the programs by line: to the terminal with the program's name, and to log files."""

import os
import re
from collections import deque
from contextlib import suppress
from pathlib import Path

MAX_LOG_BYTES = 2 * 2**20
MAX_LINE_BYTES = 16 * 2**10
READ_BYTES = 64 * 2**10
NAME_WIDTH_CHARACTERS = 11
CONTROL_SEQUENCES = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


def say(text: str, *, stream: int = 1) -> None:
    """Write one line to the terminal, if it still exists."""
    with suppress(OSError):
        os.write(stream, f"{text}\n".encode())


class RotatingLog:
    """A log file that is rotated at MAX_LOG_BYTES; one older file is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, line: bytes) -> None:
        """Append `line`; if the disk is full, the line is lost."""
        with suppress(OSError):
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            with self.path.open("ab", buffering=0) as file:
                file.write(line + b"\n")
                long = file.tell() > MAX_LOG_BYTES
            if long:
                self.path.replace(self.path.with_suffix(".log.1"))


class ProgramOutput:
    """The output of one program, read without blocking and split into lines.

    The last 50 lines are kept.
    """

    def __init__(self, name: str, log: RotatingLog, *, quiet: bool = False) -> None:
        self.prefix = f"{name:<{NAME_WIDTH_CHARACTERS}} | ".encode()
        self.log = log
        self.quiet = quiet
        self.recent: deque[str] = deque(maxlen=50)
        self._rest = b""

    def read(self, descriptor: int) -> bool:
        """Read without blocking; return False at the end of the output."""
        try:
            chunk = os.read(descriptor, READ_BYTES)
        except BlockingIOError:
            return True
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES or (not chunk and self._rest):
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._line(line)
        return bool(chunk)

    def _line(self, raw: bytes) -> None:
        line = CONTROL_SEQUENCES.sub(b"", raw.rstrip())
        if not line:
            return
        self.recent.append(line.decode(errors="replace"))
        self.log.write(line)
        if not self.quiet:
            with suppress(OSError):
                os.write(2, self.prefix + line + b"\n")
