"""The parsing child: `python -m ingestion.parsing.sandbox.worker LIMITS PARENT`.

`process` starts this module. It reads requests from standard input and answers on standard output,
one document at a time, until the input ends. It confines itself before the first request and knows
no settings, secrets or database.
"""

import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from typing import IO, Any

from ingestion.errors.exceptions import TOO_LARGE, UnreadableDocument
from ingestion.parsing import parse
from ingestion.parsing.archives.unpack import UnpackingDiskFull, unpack
from ingestion.parsing.ocr import engine
from ingestion.parsing.options import Options
from ingestion.parsing.progress import PagesRead
from ingestion.parsing.sandbox.limits import Limits, confine, grant_cpu, grant_picture
from ingestion.parsing.sandbox.protocol import (
    Message,
    packed,
    parsed_message,
    read_message,
    unpacked_message,
)

MAX_RECURSION_DEPTH = 5_000
PROGRESS_SECONDS = 0.2
MAX_DETAIL_CHARACTERS = 500


def main() -> None:
    """Serve requests until the input ends."""
    limits = Limits(**json.loads(sys.argv[1]))
    # Libraries find /dev/null as input and output, so they cannot read requests or print into
    # answers.
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(MAX_RECURSION_DEPTH)
    confine(limits, parent=int(sys.argv[2]))
    while (request := read_message(requests)) is not None:
        grant_cpu(limits)
        answers.write(packed(_answer(request, answers, limits)))
        answers.flush()


def _answer(request: Message, answers: IO[bytes], limits: Limits) -> Message:
    options = Options(**request["options"])
    reporter = ProgressReporter(answers, limits, options.max_pictures)
    engine.announce = reporter.picture
    path, media_type = Path(request["path"]), request["media_type"]
    about: dict[str, Any] = {
        "name": request["name"],
        "progress": reporter.report,
        "options": options,
    }
    try:
        if "folder" in request:
            return unpacked_message(
                unpack(path, media_type, folder=Path(request["folder"]), **about)
            )
        return parsed_message(parse(path, media_type, password=request["password"], **about).rows())
    except UnreadableDocument as exc:
        cause = exc.__cause__  # The message of a library, for the log only.
        detail = f"{type(cause).__name__}: {cause}"[:MAX_DETAIL_CHARACTERS] if cause else ""
        return {"unreadable": exc.code, "reason": exc.reason, "detail": detail}
    except UnpackingDiskFull:
        return {"no_room": True}
    except MemoryError:
        return {"unreadable": TOO_LARGE, "reason": "", "detail": "MemoryError"}


class ProgressReporter:
    """Sends progress to the parent, and requests more time for every picture."""

    def __init__(self, answers: IO[bytes], limits: Limits, max_pictures: int) -> None:
        self._answers = answers
        self._limits = limits
        self._max_pictures = max_pictures
        self._last = time.monotonic()
        self._share = 0.0
        self._pictures = 0

    def report(self, share: float) -> None:
        """Send `share`, the part of the document that has been read, at most every 0.2 seconds."""
        self._share = share
        if time.monotonic() - self._last >= PROGRESS_SECONDS:
            self._send()

    def picture(self) -> None:
        """Send that text recognition begins with another picture, which takes longer than any text.

        Raises UnreadableDocument if the document has more pictures than the options allow.
        """
        self._pictures += 1
        if self._pictures > self._max_pictures:
            raise UnreadableDocument(TOO_LARGE, f"pictures:{self._max_pictures}")
        grant_picture(self._limits)
        self._send()

    def _send(self) -> None:
        self._last = time.monotonic()
        message: Message = {"progress": round(self._share, 3), "pictures": self._pictures}
        if isinstance(self._share, PagesRead):
            message["pages"] = [self._share.page, self._share.pages]
        self._answers.write(packed(message))
        self._answers.flush()


if __name__ == "__main__":
    main()
