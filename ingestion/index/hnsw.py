"""Indexes over the vectors of large workspaces, built in the background, one for each workspace and embedding space.

An index of its own finds what a filter on a shared one would miss. It holds the vectors up to one row and is never
written to after that, since inserting into it would slow indexing to a fifth: what comes later is scanned, until it is
so much that a new index replaces the old one.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Sum

from ingestion.models import Document, Embedding, EmbeddingSpace
from web.locks import JobLock, try_lock
from workspaces.models import Workspace

logger = logging.getLogger(__name__)

LARGE: Final = 20_000  # Vectors; below this a scan takes some tens of milliseconds and misses nothing.
MOST_DIMENSIONS: Final = 4_000  # pgvector's limit for an index over halfvec; beyond it a scan remains.
LATE_SHARE: Final = 0.2  # A new index is due when so much has come since the old one.
_NAME: Final = re.compile(r"near_(?P<space>\d+)_(?P<workspace>[0-9a-f]{32})_(?P<last>\d+)")
_INDEXES: Final = """
    SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = 'ingestion_embedding'::regclass AND relname LIKE 'near\\_%'
"""

Place = tuple[int, UUID]


@dataclass(frozen=True, slots=True)
class NearIndex:
    """An index over the vectors of a workspace in a space, up to the row `last`."""

    space: int
    workspace: UUID
    last: int
    is_valid: bool = True

    @property
    def name(self) -> str:
        """What it is called in the database; all that is known of it is in there."""
        return f"near_{self.space}_{self.workspace.hex}_{self.last}"

    @property
    def place(self) -> Place:
        """What it is for; of several the newest counts."""
        return self.space, self.workspace


def near_index(workspace: Workspace, space: EmbeddingSpace) -> NearIndex | None:
    """Return the index to search this workspace with, None where scanning is the way."""
    return _newest().get((space.pk, workspace.pk))


def maintain_near_indexes() -> None:
    """Build what is missing, replace what is out of date, drop what is left over. One process at a time does it.

    Takes minutes for millions of vectors; searches and indexing go on meanwhile. Outside of transactions only.
    """
    with try_lock(JobLock.NEAR_INDEXES) as is_held:
        if not is_held:
            return
        large = dict(_large())
        for place, (count, last) in large.items():
            if _is_due(_newest().get(place), count):
                _build(NearIndex(*place, last))
        newest = _newest()
        for index in _indexes():
            if index.place not in large or index != newest.get(index.place):
                _execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"')


def _large() -> Iterator[tuple[Place, tuple[int, int]]]:
    """Yield for each large workspace and space how many vectors there are, and the last of them."""
    # What documents say of themselves is quick to sum up, and enough to pass over most workspaces.
    sums = Document.objects.values("workspace").annotate(total=Sum("chunk_count")).filter(total__gt=LARGE)
    counted = (
        Embedding.objects.filter(space__dimensions__lte=MOST_DIMENSIONS, workspace__in=sums.values("workspace"))
        .values("space", "workspace")
        .annotate(count=Count("pk"), last=Max("pk"))
        .filter(count__gt=LARGE)
    )
    for row in counted:
        yield (row["space"], row["workspace"]), (row["count"], row["last"])


def _is_due(index: NearIndex | None, count: int) -> bool:
    if index is None:
        return True
    late = Embedding.objects.filter(space=index.space, workspace=index.workspace, pk__gt=index.last).count()
    return late > max(LARGE, LATE_SHARE * count)


def _build(index: NearIndex) -> None:
    dimensions = EmbeddingSpace.objects.get(pk=index.space).dimensions
    logger.info("Building %s.", index.name)
    _execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"')  # Broken off half-way, perhaps.
    _execute(
        f'CREATE INDEX CONCURRENTLY "{index.name}" ON ingestion_embedding'
        f" USING hnsw ((vector::halfvec({dimensions})) halfvec_ip_ops)"
        f" WHERE workspace_id = '{index.workspace}'::uuid AND space_id = {index.space} AND id <= {index.last}"
    )


def _newest() -> dict[Place, NearIndex]:
    indexes = sorted(_indexes(), key=lambda index: index.last)
    return {index.place: index for index in indexes if index.is_valid}


def _indexes() -> Iterator[NearIndex]:
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        rows = cursor.fetchall()
    for name, is_valid in rows:
        if match := _NAME.fullmatch(name):
            yield NearIndex(int(match["space"]), UUID(match["workspace"]), int(match["last"]), is_valid)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
