"""The pool of parsing children: `ParserPool().parse(…)` is how everything outside reads a document.

Children stay warm, because importing the office libraries takes seconds, and end when nothing comes, because those
libraries take memory. They are started by one thread that lives as long as the pool: the kernel ends a child together
with the thread that started it.
"""

import atexit
import errno
import logging
import os
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from ingestion.errors.exceptions import (
    CODES,
    CORRUPT,
    PARSER_CRASHED,
    TOO_LARGE,
    TOO_SLOW,
    ParsingCancelled,
    UnreadableDocument,
)
from ingestion.parsing.archives.unpack import Unpacked
from ingestion.parsing.options import DEFAULT, Options
from ingestion.parsing.parsed import ParsedDocument
from ingestion.parsing.progress import Progress, no_progress
from ingestion.parsing.sandbox.libreoffice import CONVERTED, converted
from ingestion.parsing.sandbox.limits import Limits
from ingestion.parsing.sandbox.process import LOOK_EVERY, ChildKilled, ChildProcess
from ingestion.parsing.sandbox.protocol import Inspection, Mended, Message, parsed_from, unpacked_from

__all__ = ["Limits", "ParserPool"]

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
Read = Callable[[Message, Mended], Answer]

ATTEMPTS = 3  # A child that somebody killed is no fault of the document, unless it happens again and again.


def _never() -> bool:
    return False


class ParserPool:
    """Up to `size` children at once, each reading one document at a time. Safe to use from many threads.

    What they write for a while goes to `temporary`, else to where the system has such files.
    """

    def __init__(self, size: int = 2, limits: Limits | None = None, temporary: Path | None = None) -> None:
        self.limits = limits or Limits()
        self._temporary = temporary
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[ChildProcess] = []
        self._busy: set[ChildProcess] = set()
        self._orders: queue.SimpleQueue[Future[ChildProcess] | None] = queue.SimpleQueue()
        self._keeper: threading.Thread | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def parse(
        self,
        path: Path,
        media_type: str,
        *,
        name: str,
        password: str | None = None,
        progress: Progress = no_progress,
        cancelled: Callable[[], bool] = _never,
        options: Options = DEFAULT,
    ) -> ParsedDocument:
        """Read the document at `path` in a child; waits while all are busy.

        `progress` and `cancelled` are called on this thread, the latter about four times a second. Raises
        UnreadableDocument whatever the document does to the child, ParsingCancelled once `cancelled` says so, and
        OSError when no child can be started, which is not the document's fault.
        """
        request: Message = {"path": str(path.resolve()), "media_type": media_type, "name": name, "password": password}
        request["options"] = asdict(options)
        if media_type in CONVERTED:
            return self._converted(request, progress, cancelled)
        return self._answered(request, parsed_from, progress, cancelled)

    def unpack(
        self,
        path: Path,
        media_type: str,
        *,
        name: str,
        folder: Path,
        progress: Progress = no_progress,
        cancelled: Callable[[], bool] = _never,
        options: Options = DEFAULT,
    ) -> Unpacked:
        """Take the documents in the archive at `path` out into `folder`, in a child; all else is as in `parse`.

        Raises OSError also when the disk is full.
        """
        request: Message = {"path": str(path.resolve()), "media_type": media_type, "name": name}
        request |= {"options": asdict(options), "folder": str(folder.resolve())}
        return self._answered(request, unpacked_from, progress, cancelled)

    def close(self) -> None:
        """End every child and start no more; whoever waits for a busy one gets ParsingCancelled."""
        with self._lock:
            self._closed = True
            keeper, self._keeper = self._keeper, None
            idle, self._idle = self._idle, []
            for child in self._busy:
                child.kill()  # The thread that uses it clears up.
        for child in idle:
            child.stop()
        if keeper is not None:
            self._orders.put(None)
            keeper.join()
            atexit.unregister(self.close)

    def pids(self) -> list[int]:
        """The process ids of the children there are."""
        with self._lock:
            return [child.pid for child in (*self._idle, *self._busy)]

    def _converted(self, request: Message, progress: Progress, cancelled: Callable[[], bool]) -> ParsedDocument:
        """The document that LibreOffice makes of the one asked for; a child says why where it cannot."""
        path, media_type = Path(request["path"]), request["media_type"]
        try:
            over = partial(self._is_over, cancelled)
            with converted(path, media_type, self.limits, over, temporary=self._temporary) as (made, becomes):
                answered = request | {"path": str(made), "media_type": becomes}
                return self._answered(answered, parsed_from, progress, cancelled)
        except UnreadableDocument as exc:
            if exc.code != CORRUPT:
                raise
        return self._answered(request, parsed_from, progress, cancelled)

    def _is_over(self, cancelled: Callable[[], bool]) -> bool:
        return self._closed or cancelled()

    def _take_slot(self, cancelled: Callable[[], bool]) -> None:
        while not self._slots.acquire(timeout=LOOK_EVERY):
            if cancelled():
                raise ParsingCancelled

    def _answered(
        self, request: Message, read: Read[Answer], progress: Progress, cancelled: Callable[[], bool]
    ) -> Answer:
        """The answer to `request` as `read` makes it out; another child is asked where somebody has ended the first."""
        self._take_slot(cancelled)
        try:
            for _attempt in range(ATTEMPTS):
                with suppress(ChildKilled):
                    return self._asked(request, read, progress, cancelled)
            raise UnreadableDocument(PARSER_CRASHED)
        finally:
            self._slots.release()

    def _asked(self, request: Message, read: Read[Answer], progress: Progress, cancelled: Callable[[], bool]) -> Answer:
        child = self._take_child()
        usable = False
        try:
            answer = _outcome(child.ask(request, progress=progress, cancelled=cancelled), request, read)
            usable = True
        except UnreadableDocument as exc:
            usable = exc.code not in (TOO_LARGE, TOO_SLOW, PARSER_CRASHED)
            self._report(child, exc, request)
            if self._closed:
                raise ParsingCancelled from exc  # It was us who ended the child.
            raise
        finally:
            self._give_back(child, usable=usable)
        return answer

    def _report(self, child: ChildProcess, exc: UnreadableDocument, request: Message) -> None:
        if exc.code == PARSER_CRASHED:
            logger.warning(
                "Reading %s broke a parsing child: %s", request["name"], child.complaints() or "no complaint"
            )

    def _take_child(self) -> ChildProcess:
        with self._lock:
            while self._idle:
                child = self._idle.pop()  # The one used last: the others can grow old and go.
                if child.is_alive():
                    self._busy.add(child)
                    return child
                child.stop()
        return self._started()

    def _give_back(self, child: ChildProcess, *, usable: bool) -> None:
        usable = usable and child.is_alive() and not child.is_worn_out()
        with self._lock:
            self._busy.discard(child)
            if usable and not self._closed:
                child.idle_since = time.monotonic()
                self._idle.append(child)
                return
        child.stop()

    def _started(self) -> ChildProcess:
        order: Future[ChildProcess] = Future()
        with self._lock:
            if self._closed:
                raise ParsingCancelled
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="parser-children", daemon=True)
                self._keeper.start()
                atexit.register(self.close)
        self._orders.put(order)
        return order.result()

    def _keep(self) -> None:
        """Start children as ordered and end those that have been idle for long; runs on the keeper's thread."""
        while True:
            try:
                order = self._orders.get(timeout=self._until_next_end())
            except queue.Empty:
                self._end_idle()
                continue
            if order is None:
                return
            self._fulfil(order)

    def _fulfil(self, order: Future[ChildProcess]) -> None:
        try:
            child = ChildProcess(self.limits, self._temporary)
        except OSError as exc:
            order.set_exception(exc)
            return
        with self._lock:
            self._busy.add(child)
        order.set_result(child)

    def _until_next_end(self) -> float:
        with self._lock:
            oldest = min((child.idle_since for child in self._idle), default=time.monotonic())
        remaining = oldest + self.limits.idle_seconds - time.monotonic()
        return min(max(0.0, remaining), self.limits.idle_seconds / 4) + 0.05

    def _end_idle(self) -> None:
        long_ago = time.monotonic() - self.limits.idle_seconds
        with self._lock:
            ended = [child for child in self._idle if child.idle_since <= long_ago]
            self._idle = [child for child in self._idle if child.idle_since > long_ago]
        for child in ended:
            child.stop()


def _outcome(answer: Message, request: Message, read: Read[Answer]) -> Answer:
    """What was asked for, or the refusal, that the child's answer amounts to; raises OSError for a full disk."""
    if "no_room" in answer:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "unreadable" in answer:
        code, reason = answer["unreadable"], answer.get("reason", "")
        if answer.get("detail"):
            logger.info("%s: %s (%s)", request["name"], code, answer["detail"])
        if isinstance(code, str) and code in CODES:
            raise UnreadableDocument(code, Inspection().text(reason, "reason"))
        raise UnreadableDocument(PARSER_CRASHED)
    mended: Mended = Counter()
    try:
        return read(answer, mended)
    except (KeyError, ValueError) as exc:
        raise UnreadableDocument(PARSER_CRASHED) from exc
    finally:
        if mended:
            logger.warning("%s: mended or left out values of the answer: %s", request["name"], dict(mended))
