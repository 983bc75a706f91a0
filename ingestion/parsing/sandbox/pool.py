"""The pool of parsing children; `ParserPool().parse(…)` is the way to read documents.

Children stay alive, because importing the office libraries takes seconds, and end after an idle
time, because those libraries take memory. One thread, which lives as long as the pool, starts the
children: the kernel ends a child together with the thread that started it.
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
from ingestion.parsing.sandbox.process import POLL_SECONDS, ChildKilled, ChildProcess
from ingestion.parsing.sandbox.protocol import (
    Mended,
    Message,
    MessageInspection,
    parsed_from,
    unpacked_from,
)

__all__ = ["Limits", "ParserPool"]

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
Decoder = Callable[[Message, Mended], Answer]

MAX_ATTEMPTS = 3  # A document is at fault only if its child is killed again and again.


def _never() -> bool:
    return False


class ParserPool:
    """Up to `size` children, each of which reads one document at a time; thread-safe.

    Temporary files of the children go to `temporary`, or to the folder of the system.
    """

    def __init__(
        self, size: int = 2, limits: Limits | None = None, temporary: Path | None = None
    ) -> None:
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
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
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
        """Parse the document at `path` in a child process; wait while all children are busy.

        `progress` and `cancelled` are called on this thread, the latter about four times a second.
        Raises UnreadableDocument for every failure of the document or its child, ParsingCancelled
        if `cancelled` returns true, and OSError if no child can be started.
        """
        request: Message = {
            "path": str(path.resolve()),
            "media_type": media_type,
            "name": name,
            "password": password,
        }
        request["options"] = asdict(options)
        if media_type in CONVERTED:
            return self._parse_converted(request, progress, cancelled)
        return self._request(request, parsed_from, progress, cancelled)

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
        """Extract the documents in the archive at `path` into `folder`, in a child; see `parse`.

        Raises OSError also if the disk is full.
        """
        request: Message = {"path": str(path.resolve()), "media_type": media_type, "name": name}
        request |= {"options": asdict(options), "folder": str(folder.resolve())}
        return self._request(request, unpacked_from, progress, cancelled)

    def close(self) -> None:
        """End every child and start no more; waiting calls raise ParsingCancelled."""
        with self._lock:
            self._closed = True
            keeper, self._keeper = self._keeper, None
            idle, self._idle = self._idle, []
            for child in self._busy:
                child.kill()  # The thread that uses the child cleans up.
        for child in idle:
            child.stop()
        if keeper is not None:
            self._orders.put(None)
            keeper.join()
            atexit.unregister(self.close)

    def pids(self) -> list[int]:
        """The process ids of all children."""
        with self._lock:
            return [child.pid for child in (*self._idle, *self._busy)]

    def _parse_converted(
        self, request: Message, progress: Progress, cancelled: Callable[[], bool]
    ) -> ParsedDocument:
        """The document converted by LibreOffice; if that fails, a child finds the reason."""
        path, media_type = Path(request["path"]), request["media_type"]
        try:
            with converted(
                path,
                media_type,
                self.limits,
                lambda: self._closed or cancelled(),
                temporary=self._temporary,
            ) as (made, becomes):
                answered = request | {"path": str(made), "media_type": becomes}
                return self._request(answered, parsed_from, progress, cancelled)
        except UnreadableDocument as exc:
            if exc.code != CORRUPT:
                raise
        return self._request(request, parsed_from, progress, cancelled)

    def _request(
        self,
        request: Message,
        decode: Decoder[Answer],
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> Answer:
        """The answer to `request`, decoded by `decode`; a killed child is replaced by another."""
        while not self._slots.acquire(timeout=POLL_SECONDS):
            if cancelled():
                raise ParsingCancelled
        try:
            for _attempt in range(MAX_ATTEMPTS):
                with suppress(ChildKilled):
                    return self._ask(request, decode, progress, cancelled)
            raise UnreadableDocument(PARSER_CRASHED)
        finally:
            self._slots.release()

    def _ask(
        self,
        request: Message,
        decode: Decoder[Answer],
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> Answer:
        child = self._take_child()
        usable = False
        try:
            answer = _decoded(
                child.ask(request, progress=progress, cancelled=cancelled), request, decode
            )
            usable = True
        except UnreadableDocument as exc:
            usable = exc.code not in (TOO_LARGE, TOO_SLOW, PARSER_CRASHED)
            if exc.code == PARSER_CRASHED:
                complaint = child.complaints() or "no complaint"
                logger.warning("Reading %s broke a parsing child: %s", request["name"], complaint)
            if self._closed:
                raise ParsingCancelled from exc  # close() has ended the child.
            raise
        finally:
            self._give_back(child, usable=usable)
        return answer

    def _take_child(self) -> ChildProcess:
        with self._lock:
            while self._idle:
                # The most recently used child, so that the others become idle and end.
                child = self._idle.pop()
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
                self._keeper = threading.Thread(
                    target=self._keep, name="parser-children", daemon=True
                )
                self._keeper.start()
                atexit.register(self.close)
        self._orders.put(order)
        return order.result()

    def _keep(self) -> None:
        """Start ordered children and end long idle ones; runs on the keeper's thread."""
        while True:
            with self._lock:
                oldest = min((child.idle_since for child in self._idle), default=time.monotonic())
            remaining = oldest + self.limits.idle_seconds - time.monotonic()
            wait = min(max(0.0, remaining), self.limits.idle_seconds / 4) + 0.05
            try:
                order = self._orders.get(timeout=wait)
            except queue.Empty:
                long_ago = time.monotonic() - self.limits.idle_seconds
                with self._lock:
                    ended = [child for child in self._idle if child.idle_since <= long_ago]
                    self._idle = [child for child in self._idle if child.idle_since > long_ago]
                for child in ended:
                    child.stop()
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


def _decoded(answer: Message, request: Message, decode: Decoder[Answer]) -> Answer:
    """Decode the answer of a child; raises UnreadableDocument, or OSError for a full disk."""
    if "no_room" in answer:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "unreadable" in answer:
        code, reason = answer["unreadable"], answer.get("reason", "")
        if answer.get("detail"):
            logger.info("%s: %s (%s)", request["name"], code, answer["detail"])
        if isinstance(code, str) and code in CODES:
            raise UnreadableDocument(code, MessageInspection().text(reason, "reason"))
        raise UnreadableDocument(PARSER_CRASHED)
    mended: Mended = Counter()
    try:
        return decode(answer, mended)
    except (KeyError, ValueError) as exc:
        raise UnreadableDocument(PARSER_CRASHED) from exc
    finally:
        if mended:
            logger.warning(
                "%s: mended or left out values of the answer: %s", request["name"], dict(mended)
            )
