"""Counts how many chunks of a workspace have a term; counting all of them would take most of the time of a search.

Common terms are counted in a sample of chunks, which this process keeps for a while. Terms that are
rare in the sample have few chunks, so they are counted for each search. The sample of a small
workspace is the whole workspace.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from ingestion.models import Document
from workspaces.models import Workspace

SAMPLE_CHUNKS: Final = 1_000
COMMON_MIN_CHUNKS: Final = 8
"""A term in so many chunks of the sample is common: its share of the sample is a good estimate."""
_CHANGED_MAX_SECONDS: Final = 30.0
_UNCHANGED_MAX_SECONDS: Final = 600.0
_MAX_CHANGE_SHARE: Final = 0.1
_MAX_SAMPLES: Final = 64
# Ids end in random digits, so the chunks whose last four digits are below a limit are a random
# sample.
_COUNT_SAMPLE: Final = """
    WITH sample AS (
        SELECT terms FROM ingestion_chunk
        WHERE workspace_id = %(workspace)s AND right(id::text, 4) < %(limit)s
    )
    SELECT term, count(*), (SELECT count(*) FROM sample) FROM sample, unnest(terms) AS term
    GROUP BY term HAVING count(*) >= %(common)s
"""
_COUNT_RARE: Final = """
    SELECT term, (
        SELECT count(*) FROM (
            SELECT 1 FROM ingestion_chunk
            WHERE terms @> ARRAY[term] AND workspace_id = %(workspace)s LIMIT %(bound)s
        ) AS bounded
    ) FROM unnest(%(terms)s::integer[]) AS term
"""


@dataclass(frozen=True, slots=True)
class _Sample:
    total: int
    size: int
    common: Mapping[int, int]
    taken: float

    def serves(self, total: int) -> bool:
        """Return whether the sample still represents a workspace that now has `total` chunks."""
        age = time.monotonic() - self.taken
        change = abs(total - self.total)
        if not change:
            return age < _UNCHANGED_MAX_SECONDS
        return age < _CHANGED_MAX_SECONDS and change <= _MAX_CHANGE_SHARE * self.total


_samples: dict[UUID, _Sample] = {}
_lock = Lock()


def count(workspace: Workspace, terms: Sequence[int]) -> tuple[int, dict[int, int]]:
    """Return the number of chunks, and for each of `terms` that occurs the approximate number of chunks with it."""
    total = (
        Document.objects.filter(workspace=workspace).aggregate(total=Sum("chunk_count"))["total"]
        or 0
    )
    if not total or not terms:
        return total, {}
    sample = _sample_of(workspace, total)
    scale = total / max(1, sample.size)
    known = {term: round(sample.common[term] * scale) for term in terms if term in sample.common}
    rare = [term for term in terms if term not in known]
    if not rare:
        return total, known
    with connection.cursor() as cursor:
        bound = round(4 * COMMON_MIN_CHUNKS * scale)
        cursor.execute(_COUNT_RARE, {"workspace": workspace.pk, "terms": rare, "bound": bound})
        return total, known | {term: having for term, having in cursor.fetchall() if having}


def _sample_of(workspace: Workspace, total: int) -> _Sample:
    sample = _samples.get(workspace.pk)
    if sample is None or not sample.serves(total):
        sample = _taken(workspace, total)
        with _lock:
            _samples.pop(workspace.pk, None)
            _samples[workspace.pk] = sample
            while len(_samples) > _MAX_SAMPLES:
                del _samples[next(iter(_samples))]
    return sample


def _taken(workspace: Workspace, total: int) -> _Sample:
    share = min(1.0, SAMPLE_CHUNKS / total)
    limit = f"{int(share * 0x10000):04x}" if share < 1 else "g"
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_SAMPLE, {"workspace": workspace.pk, "limit": limit, "common": COMMON_MIN_CHUNKS}
        )
        rows = cursor.fetchall()
    size = rows[0][2] if rows else round(share * total)
    return _Sample(total, size, {term: having for term, having, _size in rows}, time.monotonic())
