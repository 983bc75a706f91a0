"""Records the stages of an indexing run with times and counts, in one row when the run ends.

One statement, in the transaction that publishes the document if there is one, so that recording
costs indexing next to nothing. The code that runs a stage reports its beginning.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from ingestion.models import Document

MAX_RUNS: Final = 10  # Rows per document; older runs are in the log alone.
QUEUE_STAGE: Final = "wait"

# A deleted document gets no row, and a cancellation is recorded only if the document has not been
# taken over since.
_SAVE: Final = """
WITH older AS (
    DELETE FROM ingestion_run WHERE document_id = %(document)s AND id <= (
        SELECT id FROM ingestion_run WHERE document_id = %(document)s ORDER BY id DESC OFFSET %(others)s LIMIT 1
    )
)
INSERT INTO ingestion_run (document_id, attempt, began, ended, outcome, error_code, error_details, steps)
SELECT id, %(attempt)s, %(began)s, %(ended)s, %(outcome)s, %(error_code)s, %(error_details)s, %(steps)s
FROM ingestion_document WHERE id = %(document)s AND (%(outcome)s <> 'cancelled' OR status = 'cancelled')
FOR KEY SHARE
"""


@dataclass(slots=True)
class _Step:
    stage: str
    began: float
    counts: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None

    def end(self) -> None:
        self.seconds = time.monotonic() - self.began if self.seconds is None else self.seconds

    @property
    def row(self) -> dict[str, Any]:
        return {"stage": self.stage, "ms": round(1000 * (self.seconds or 0.0)), **self.counts}


class RunRecorder:
    """The stages of a run in progress."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._began = timezone.now()
        waited = document.waited or timedelta()
        self._steps = [_Step(QUEUE_STAGE, 0.0, seconds=max(0.0, waited.total_seconds()))]

    def begin(self, stage: str, **counts: Any) -> None:
        """Begin the next stage, which ends the one before."""
        self._steps[-1].end()
        self._steps.append(_Step(str(stage), time.monotonic(), counts))

    def count(self, **counts: Any) -> None:
        """Add counts to the stage, such as its pages or chunks."""
        self._steps[-1].counts.update(counts)

    def save(self, outcome: str, code: str = "", details: Mapping[str, Any] | None = None) -> None:
        """Write the run to its row, and delete the document's runs beyond MAX_RUNS."""
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, self.row(outcome, code, details))

    def row(
        self, outcome: str, code: str = "", details: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """End the run and return its row."""
        self._steps[-1].end()
        return {
            "document": self._document.pk,
            "attempt": self._document.attempts + self._document.takeovers + 1,
            "began": self._began,
            "ended": timezone.now(),
            "outcome": str(outcome),
            "error_code": code,
            "error_details": json.dumps(dict(details or {})),
            "steps": json.dumps([step.row for step in self._steps]),
            "others": MAX_RUNS - 1,
        }


def save_all(runs: Iterable[RunRecorder], outcome: str) -> None:
    """Write several runs with the same outcome."""
    with connection.cursor() as cursor:
        cursor.executemany(_SAVE, [run.row(outcome) for run in runs])
