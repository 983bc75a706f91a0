"""Loads any number of files into a workspace in batches, and counts progress.

Files with the bytes and name of an existing document are skipped, so that a stopped load can be
resumed. Output belongs to the command.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from ingestion.api.upload_response import row_of
from ingestion.documents.local_files import FileOnDisk
from ingestion.documents.services import UNFINISHED, Added, Refused, add_documents
from ingestion.file_names import clean_path
from ingestion.models import Document
from web.exceptions import Refusal
from workspaces.models import Workspace

FILE_BATCH_SIZE = 50
QUERY_BATCH_SIZE = 500  # Documents per query, the earliest first, since they are indexed first.
POLL_SECONDS = 0.3
MAX_EXAMPLE_NAMES = 3

Outcome = Added | Refused


@dataclass
class Failure:
    """One reason for which documents failed, with their number and some of their names."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count one more."""
        self.count += 1
        if self.count <= MAX_EXAMPLE_NAMES:
            self.examples.append(name)


class Load:
    """The progress of a load; `changed` is called whenever it may have changed."""

    def __init__(self, workspace: Workspace, total: int, changed: Callable[["Load"], None]) -> None:
        self.workspace = workspace
        self.total = total
        self.stored = self.here_already = self.failed = self.ready = 0
        self.failures: dict[str, Failure] = {}
        self.began = time.monotonic()
        self._changed = changed
        self._looked = 0.0
        self._unfinished: deque[UUID] = deque()
        self._outcomes: list[tuple[UUID, bool, bool] | Refused] = []

    @property
    def finished(self) -> int:
        """How many files are indexed, failed or skipped."""
        return self.stored - len(self._unfinished)

    @property
    def unfinished(self) -> int:
        """How many documents are added and not indexed yet."""
        return len(self._unfinished)

    @property
    def rate(self) -> float:
        """Files per second on average."""
        return self.finished / max(0.001, time.monotonic() - self.began)

    @property
    def seconds_left(self) -> float | None:
        """The time for the other files at that rate; None before the first is finished."""
        return (self.total - self.finished) / self.rate if self.finished else None

    def add(self, files: Iterable[FileOnDisk], **more: Any) -> None:
        """Add `files`; `more` goes to `add_documents`."""
        rest = iter(files)
        while some := list(islice(rest, FILE_BATCH_SIZE)):
            for outcome in _outcomes(self.workspace, some, more):
                self._note(outcome)
            self.look()

    def _note(self, outcome: Outcome) -> None:
        self.stored += 1
        if isinstance(outcome, Refused):
            self._outcomes.append(outcome)
            self._fail(outcome.message, outcome.name)
            return
        self.here_already += not outcome.is_news
        self._outcomes.append((outcome.document.pk, outcome.duplicate, outcome.skipped))
        self._unfinished.append(outcome.document.pk)

    def _fail(self, reason: str, name: str) -> None:
        self.failed += 1
        self.failures.setdefault(reason, Failure()).add(name)

    def look(self, *, at_once: bool = False) -> None:
        """Query which documents are finished, at most every POLL_SECONDS unless `at_once`."""
        if at_once or time.monotonic() - self._looked >= POLL_SECONDS:
            self._looked = time.monotonic()
            asked = [
                self._unfinished.popleft() for _ in range(min(QUERY_BATCH_SIZE, self.unfinished))
            ]
            found = {document.pk: document for document in Document.objects.filter(pk__in=asked)}
            still = [pk for pk in asked if pk in found and found[pk].status in UNFINISHED]
            self._unfinished.extendleft(reversed(still))
            for pk in asked:
                if (document := found.get(pk)) and document.status not in UNFINISHED:
                    self._count_finished(document)
        self._changed(self)

    def _count_finished(self, document: Document) -> None:
        """Count a finished document as ready or failed; add the members of an archive to the load."""
        if document.status != Document.Status.READY:
            error = document.error or {}
            self._fail(error.get("message", document.get_status_display()), document.name)
            return
        self.ready += 1
        if document.contents is not None:
            members = list(document.members.order_by("name").values_list("pk", flat=True))
            self.total += len(members)
            self.stored += len(members)
            self._unfinished.extend(members)
            self._outcomes.extend((pk, False, False) for pk in members)

    def wait(self) -> None:
        """Return once all added documents are finished."""
        self.look(at_once=True)
        while self._unfinished:
            time.sleep(POLL_SECONDS)
            self.look(at_once=True)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the outcome of each file in order, in the form of the API."""
        rest = iter(self._outcomes)
        while some := list(islice(rest, QUERY_BATCH_SIZE)):
            asked = [outcome[0] for outcome in some if isinstance(outcome, tuple)]
            found = Document.objects.select_related("blob", "added_by").in_bulk(asked)
            for outcome in some:
                if isinstance(outcome, Refused):
                    yield row_of(outcome)
                elif document := found.get(outcome[0]):
                    yield row_of(Added(document, duplicate=outcome[1], skipped=outcome[2]))

    def states(self) -> Counter[str]:
        """Count the documents by status."""
        return Counter(row.get("status", "") for row in self.rows())


def _outcomes(
    workspace: Workspace, files: Sequence[FileOnDisk], more: dict[str, Any]
) -> Iterator[Outcome]:
    present = _present(workspace, files)
    for number, file in enumerate(files):
        if number in present:
            yield Added(present[number], duplicate=True)
        else:
            yield from add_documents(workspace=workspace, offers=[file], by=None, **more)


def _present(workspace: Workspace, files: Sequence[FileOnDisk]) -> dict[int, Document]:
    """Return the documents with the bytes and name of a file, by the file's number."""
    wanted: dict[tuple[str, str], int] = {}
    for number, file in enumerate(files):
        with suppress(Refusal):  # `add_documents` refuses the file with the reason.
            wanted[file.sha256(), clean_path(file.name)] = number
    if not wanted:
        return {}
    digests, names = zip(*wanted, strict=True)
    alike = Document.objects.filter(
        blob__in=digests, workspace=workspace, name__in=names, archive=None
    )
    return {wanted[key]: found for found in alike if (key := (found.blob_id, found.name)) in wanted}
