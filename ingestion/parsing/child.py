"""The process that parses: `python -m ingestion.parsing.child LIMITS PARENT`, started by `childprocess` alone.

Reads requests from its standard input and answers on its standard output, one document at a time, until the input ends.
It confines itself before the first request and knows no settings, secrets or database.
"""

import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from typing import IO

from ingestion.exceptions import TOO_LARGE, UnreadableDocument
from ingestion.parsing import parse
from ingestion.parsing.limits import Limits, confine, grant_cpu
from ingestion.parsing.messages import Message, packed, parsed_message, read_message
from ingestion.parsing.options import Options

DEEPEST_RECURSION = 5_000
PROGRESS_EVERY = 0.2
LONGEST_DETAIL = 500


def main() -> None:
    """Serve requests until there are no more."""
    limits = Limits(**json.loads(sys.argv[1]))
    requests, answers = _private_streams()
    _silence()
    confine(limits, parent=int(sys.argv[2]))
    while (request := read_message(requests)) is not None:
        grant_cpu(limits)
        answers.write(packed(_answer(request, answers)))
        answers.flush()


def _private_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Streams that no library can read or print to, because they think that input and output are elsewhere."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return requests, answers


def _silence() -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(DEEPEST_RECURSION)


def _answer(request: Message, answers: IO[bytes]) -> Message:
    reporter = Reporter(answers)
    try:
        parsed = parse(
            Path(request["path"]),
            request["media_type"],
            name=request["name"],
            password=request["password"],
            progress=reporter.report,
            options=Options(**request["options"]),
        )
        return parsed_message(parsed)
    except UnreadableDocument as exc:
        return {"unreadable": exc.code, "reason": exc.reason, "detail": _detail(exc.__cause__)}
    except MemoryError:
        return {"unreadable": TOO_LARGE, "reason": "", "detail": "MemoryError"}


def _detail(cause: BaseException | None) -> str:
    """What a library said, for the log only."""
    return f"{type(cause).__name__}: {cause}"[:LONGEST_DETAIL] if cause else ""


class Reporter:
    """Sends progress now and then."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._last = time.monotonic()

    def report(self, share: float) -> None:
        """Tell the parent that `share` of the document is done, unless it was told a moment ago."""
        now = time.monotonic()
        if now - self._last >= PROGRESS_EVERY:
            self._last = now
            self._answers.write(packed({"progress": round(share, 3)}))
            self._answers.flush()


if __name__ == "__main__":
    main()
