"""Documents in formats of old, turned by LibreOffice into ones that are read here; LibreOffice is not a part of this.

It runs once for each document, in a process of its own under the limits of a parse: no network, no macros, nothing of
ours in its environment, a profile and a folder that are gone afterwards. What it makes is then read as if it had been
added, in a child, so nothing that it does is trusted.
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

from ingestion.errors.exceptions import CORRUPT, TOO_LARGE, TOO_SLOW, UNSUPPORTED, ParsingCancelled, UnreadableDocument
from ingestion.parsing.formats import DOC, DOCX, PPT, PPTX, WPD
from ingestion.parsing.sandbox.limits import Limits
from ingestion.parsing.sandbox.process import KEPT_ENVIRONMENT, LOOK_EVERY, ROOT

# What a document is called while it is turned, and into what.
CONVERTED = {
    DOC: ("document.doc", "docx", DOCX),
    WPD: ("document.wpd", "docx", DOCX),
    PPT: ("document.ppt", "pptx", PPTX),
}
PROGRAMS = ("soffice", "libreoffice")
ITSELF = "soffice.bin"  # What the script of that name starts; without the script there is one process to watch.
START_AGAIN, STARTS = 81, 3  # With a new profile it ends like this once it has filled it.
OPEN_FILES = 1_024
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
    """Where LibreOffice is, None if it is not installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def converted(
    path: Path, media_type: str, limits: Limits, cancelled: Callable[[], bool], *, temporary: Path | None = None
) -> Iterator[tuple[Path, str]]:
    """A document in a format that is read here, made of the one at `path`, and its media type; gone afterwards.

    It lies in a folder of its own in `temporary`, which stays there if this process is killed. Raises
    UnreadableDocument if LibreOffice is not installed, cannot read the document or takes too much for it, and
    ParsingCancelled once `cancelled` says so.
    """
    program = office_program()
    if program is None:
        raise UnreadableDocument(UNSUPPORTED, "office")
    name, suffix, becomes = CONVERTED[media_type]
    with tempfile.TemporaryDirectory(prefix="office-", dir=temporary, ignore_cleanup_errors=True) as made:
        folder = Path(made)
        shutil.copyfile(path, folder / name)
        _write_profile(folder)
        command = _command(program, folder, name, suffix, limits)
        for _start in range(STARTS):
            if _run(command, folder, limits, cancelled) != START_AGAIN:
                break
        result = folder / "out" / f"document.{suffix}"
        if not result.is_file() or result.is_symlink() or not result.stat().st_size:
            raise UnreadableDocument(CORRUPT)
        yield result, becomes


def _write_profile(folder: Path) -> None:
    """A profile in which no macro runs and no link is followed."""
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(PROFILE)


def _command(program: str, folder: Path, name: str, suffix: str, limits: Limits) -> list[str]:
    limits = replace(limits, open_files=OPEN_FILES)
    itself = Path(program).resolve().parent / ITSELF
    office = [str(itself if itself.is_file() else program), f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    office += ["--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"]
    office += ["--convert-to", suffix, "--outdir", str(folder / "out"), str(folder / name)]
    return [sys.executable, "-P", "-m", "ingestion.parsing.sandbox.confined", json.dumps(asdict(limits)), *office]


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
    """Wait until the process has ended, looking up now and then."""
    deadline = time.monotonic() + limits.seconds
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY)
            return
        if time.monotonic() >= deadline:
            raise UnreadableDocument(TOO_SLOW)
        if cancelled():
            raise ParsingCancelled
        if _memory(process.pid) > limits.memory_bytes:
            raise UnreadableDocument(TOO_LARGE)


def _memory(pid: int) -> int:
    """Bytes in use, 0 where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    return 0
