"""How rare terms are in a workspace: what a search would otherwise spend most of its time on counting.

Common terms are counted in a sample of chunks and remembered in this process for a while; of terms that a sample says
little about there are few occurrences, so they are counted when asked for. A small workspace is its own sample.
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

SAMPLE: Final = 1_000
"""Chunks; what a term's rarity is judged by in a larger workspace."""
COMMON: Final = 8
"""In so many chunks of the sample a term is common; its share in the sample is then near enough the truth."""
_FRESH_SECONDS: Final = 30.0
_USABLE_SECONDS: Final = 600.0
_USABLE_CHANGE: Final = 0.1
_REMEMBERED: Final = 64
# Ids end in random digits, so chunks whose last four lie below a limit are a fair sample.
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
        """Whether it still stands for a workspace that now has `total` chunks."""
        age = time.monotonic() - self.taken
        change = abs(total - self.total)
        if not change:
            return age < _USABLE_SECONDS
        return age < _FRESH_SECONDS and change <= _USABLE_CHANGE * self.total


_samples: dict[UUID, _Sample] = {}
_lock = Lock()


def count(workspace: Workspace, terms: Sequence[int]) -> tuple[int, dict[int, int]]:
    """Return how many chunks there are, and in about how many of them each of `terms` occurs, if at all."""
    total = Document.objects.filter(workspace=workspace).aggregate(total=Sum("chunk_count"))["total"] or 0
    if not total or not terms:
        return total, {}
    sample = _sample_of(workspace, total)
    scale = total / max(1, sample.size)
    known = {term: round(sample.common[term] * scale) for term in terms if term in sample.common}
    rare = [term for term in terms if term not in known]
    return total, known | _counted(workspace, rare, bound=round(4 * COMMON * scale))


def _sample_of(workspace: Workspace, total: int) -> _Sample:
    sample = _samples.get(workspace.pk)
    if sample is None or not sample.serves(total):
        sample = _taken(workspace, total)
        with _lock:
            _samples.pop(workspace.pk, None)
            _samples[workspace.pk] = sample
            while len(_samples) > _REMEMBERED:
                del _samples[next(iter(_samples))]
    return sample


def _taken(workspace: Workspace, total: int) -> _Sample:
    share = min(1.0, SAMPLE / total)
    limit = f"{int(share * 0x10000):04x}" if share < 1 else "g"
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_SAMPLE, {"workspace": workspace.pk, "limit": limit, "common": COMMON})
        rows = cursor.fetchall()
    size = rows[0][2] if rows else round(share * total)
    return _Sample(total, size, {term: having for term, having, _size in rows}, time.monotonic())


def _counted(workspace: Workspace, terms: Sequence[int], *, bound: int) -> dict[int, int]:
    if not terms:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_RARE, {"workspace": workspace.pk, "terms": list(terms), "bound": bound})
        return {term: having for term, having in cursor.fetchall() if having}
