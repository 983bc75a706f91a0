"""A first load: any number of files into a workspace, a few at a time, with a count of how far it is.

What is there already, by bytes and name, is neither copied nor read again, so a load that was stopped goes on where it
was. Drawing and wording belong to the command.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
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

BATCH = 50
LOOK_AT = 500  # Documents that are asked about at once: those added first, since they are indexed first.
LOOK_EVERY = 0.3  # Seconds
EXAMPLES = 3

Outcome = Added | Refused


@dataclass
class Failure:
    """One reason for which documents could not be read: how many, and a few of them."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count one more."""
        self.count += 1
        if self.count <= EXAMPLES:
            self.examples.append(name)


class Load:
    """How far a load is. `changed` is called whenever that may have changed."""

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
        """How many files nothing more will happen to."""
        return self.stored - len(self._unfinished)

    @property
    def unfinished(self) -> int:
        """How many documents have been added and are not read yet."""
        return len(self._unfinished)

    @property
    def rate(self) -> float:
        """Files a second, so far."""
        return self.finished / max(0.001, time.monotonic() - self.began)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at that rate; None when nothing can be said."""
        return (self.total - self.finished) / self.rate if self.finished else None

    def add(self, files: Iterable[FileOnDisk], **more: Any) -> None:
        """Add `files`; `more` goes to `add_documents`."""
        rest = iter(files)
        while some := list(islice(rest, BATCH)):
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
        """See which documents are finished by now; a look soon after another one is spared."""
        if at_once or time.monotonic() - self._looked >= LOOK_EVERY:
            self._looked = time.monotonic()
            self._take_out_finished([self._unfinished.popleft() for _ in range(min(LOOK_AT, self.unfinished))])
        self._changed(self)

    def _take_out_finished(self, asked: Sequence[UUID]) -> None:
        found = {document.pk: document for document in Document.objects.filter(pk__in=asked)}
        still = [pk for pk in asked if pk in found and found[pk].status in UNFINISHED]
        self._unfinished.extendleft(reversed(still))
        for pk in asked:
            if (document := found.get(pk)) and document.status not in UNFINISHED:
                self._count(document)

    def _count(self, document: Document) -> None:
        if document.status == Document.Status.READY:
            self.ready += 1
            self._go_on_with(document)
            return
        error = document.error or {}
        self._fail(error.get("message", document.get_status_display()), document.name)

    def _go_on_with(self, document: Document) -> None:
        """Follow what came out of an archive, too."""
        if document.contents is not None:
            inside = list(document.members.order_by("name").values_list("pk", flat=True))
            self.total += len(inside)
            self.stored += len(inside)
            self._unfinished.extend(inside)
            self._outcomes.extend((pk, False, False) for pk in inside)

    def wait(self) -> None:
        """Return once all that was added is finished."""
        self.look(at_once=True)
        while self._unfinished:
            time.sleep(LOOK_EVERY)
            self.look(at_once=True)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what has become of each file, in order, as the API says it."""
        rest = iter(self._outcomes)
        while some := list(islice(rest, LOOK_AT)):
            asked = [outcome[0] for outcome in some if isinstance(outcome, tuple)]
            found = Document.objects.select_related("blob", "added_by").in_bulk(asked)
            for outcome in some:
                if isinstance(outcome, Refused):
                    yield row_of(outcome)
                elif document := found.get(outcome[0]):
                    yield row_of(Added(document, duplicate=outcome[1], skipped=outcome[2]))

    def states(self) -> Counter[str]:
        """Count the documents by where they stand."""
        return Counter(row.get("status", "") for row in self.rows())


def _outcomes(workspace: Workspace, files: Sequence[FileOnDisk], more: dict[str, Any]) -> Iterator[Outcome]:
    here = _here_already(workspace, files)
    for number, file in enumerate(files):
        if number in here:
            yield Added(here[number], duplicate=True)
        else:
            yield from add_documents(workspace=workspace, offers=[file], by=None, **more)


def _here_already(workspace: Workspace, files: Sequence[FileOnDisk]) -> dict[int, Document]:
    """Return the documents that are there with the bytes and the name of a file, by the file's place in the row."""
    wanted = {key: number for number, file in enumerate(files) if (key := _key(file))}
    if not wanted:
        return {}
    digests, names = zip(*wanted, strict=True)
    alike = Document.objects.filter(blob__in=digests, workspace=workspace, name__in=names, archive=None)
    return {wanted[key]: found for found in alike if (key := (found.blob_id, found.name)) in wanted}


def _key(file: FileOnDisk) -> tuple[str, str] | None:
    try:
        return file.sha256(), clean_path(file.name)
    except Refusal:
        return None  # It is refused, with its reason, when it is added.
