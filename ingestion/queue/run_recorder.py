"""What was done to a document, stage by stage, with times and counts: one row for each run, written at its end.

One statement, in the transaction that ends the run where there is one: loading must not pay for its own record. What a
stage is and when it begins is said by whoever does it.
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

KEPT: Final = 10  # Runs of a document; who wants to know more has the log.
WAITING: Final = "wait"

# A document that was deleted meanwhile gets no row, one that was taken over no word of a cancellation.
_KEEP: Final = """
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


class Timeline:
    """The run that is going on."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._began = timezone.now()
        waited = document.waited or timedelta()
        self._steps = [_Step(WAITING, 0.0, seconds=max(0.0, waited.total_seconds()))]

    def begin(self, stage: str, **counts: Any) -> None:
        """Say that the next stage begins, which ends the one before."""
        self._steps[-1].end()
        self._steps.append(_Step(str(stage), time.monotonic(), counts))

    def count(self, **counts: Any) -> None:
        """Say how much this stage had to do with."""
        self._steps[-1].counts.update(counts)

    def keep(self, outcome: str, code: str = "", details: Mapping[str, Any] | None = None) -> None:
        """Write the run down, and forget those long past."""
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, self.row(outcome, code, details))

    def row(self, outcome: str, code: str = "", details: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the run as it is written down, which ends it."""
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
            "others": KEPT - 1,
        }


def keep_all(timelines: Iterable[Timeline], outcome: str) -> None:
    """Write several runs down that end alike."""
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [timeline.row(outcome) for timeline in timelines])
