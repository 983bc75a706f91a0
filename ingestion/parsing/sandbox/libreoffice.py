"""Conversion of documents before 2007 by LibreOffice, which is installed separately.

LibreOffice runs once for each document, in a process under the limits of a parse: no network, no
macros, no secrets in its environment, a temporary profile and folder. A child then reads the result
under the same limits, because a converted document is not trusted either.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

from ingestion.errors.exceptions import (
    CORRUPT,
    TOO_LARGE,
    TOO_SLOW,
    UNSUPPORTED,
    ParsingCancelled,
    UnreadableDocument,
)
from ingestion.parsing.formats import DOC, DOCX, PPT, PPTX, WPD
from ingestion.parsing.sandbox.limits import Limits
from ingestion.parsing.sandbox.process import KEPT_ENVIRONMENT, POLL_SECONDS, ROOT

# By media type: the name of the copy, the suffix and the media type of the result.
CONVERTED = {
    DOC: ("document.doc", "docx", DOCX),
    WPD: ("document.wpd", "docx", DOCX),
    PPT: ("document.ppt", "pptx", PPTX),
}
PROGRAMS = ("soffice", "libreoffice")
# The program behind the script `soffice`; without the script there is only one process to watch.
BINARY = "soffice.bin"
RESTART_STATUS = 81  # LibreOffice ends with this status after it has filled a new profile.
MAX_STARTS = 3
MAX_OPEN_FILES = 1_024
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def office_program() -> str | None:
    """The path of LibreOffice, or None if it is not installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def converted(
    path: Path,
    media_type: str,
    limits: Limits,
    cancelled: Callable[[], bool],
    *,
    temporary: Path | None = None,
) -> Iterator[tuple[Path, str]]:
    """Convert the document at `path`; yields path and media type of the temporary result.

    The result is in a new folder in `temporary`, which remains if this process is killed. Raises
    UnreadableDocument if LibreOffice is not installed, cannot read the document or exceeds
    `limits`, and ParsingCancelled if `cancelled` returns true.
    """
    program = office_program()
    if program is None:
        raise UnreadableDocument(UNSUPPORTED, "office")
    name, suffix, becomes = CONVERTED[media_type]
    with tempfile.TemporaryDirectory(
        prefix="office-", dir=temporary, ignore_cleanup_errors=True
    ) as made:
        folder = Path(made)
        shutil.copyfile(path, folder / name)
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(PROFILE)
        binary = Path(program).resolve().parent / BINARY
        command = [sys.executable, "-P", "-m", "ingestion.parsing.sandbox.confined"]
        command += [json.dumps(asdict(replace(limits, open_files=MAX_OPEN_FILES)))]
        command += [str(binary if binary.is_file() else program)]
        command += [f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
        command += ["--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"]
        command += ["--convert-to", suffix, "--outdir", str(folder / "out"), str(folder / name)]
        for _start in range(MAX_STARTS):
            if _run(command, folder, limits, cancelled) != RESTART_STATUS:
                break
        result = folder / "out" / f"document.{suffix}"
        if not result.is_file() or result.is_symlink() or not result.stat().st_size:
            raise UnreadableDocument(CORRUPT)
        yield result, becomes


def _run(command: list[str], folder: Path, limits: Limits, cancelled: Callable[[], bool]) -> int:
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    own = {"HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=kept | own | {"SAL_USE_VCLPLUGIN": "svp"},
        start_new_session=True,
    )
    try:
        _wait(process, limits, cancelled)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode == -signal.SIGXCPU:
        raise UnreadableDocument(TOO_SLOW)
    return process.returncode


def _wait(process: subprocess.Popen[bytes], limits: Limits, cancelled: Callable[[], bool]) -> None:
    """Wait for the end of the process; checks time, memory and `cancelled` four times a second."""
    deadline = time.monotonic() + limits.seconds
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(POLL_SECONDS)
            return
        if time.monotonic() >= deadline:
            raise UnreadableDocument(TOO_SLOW)
        if cancelled():
            raise ParsingCancelled
        with suppress(OSError, ValueError, IndexError):  # Not every system has /proc.
            pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
            if pages * os.sysconf("SC_PAGESIZE") > limits.memory_bytes:
                raise UnreadableDocument(TOO_LARGE)
