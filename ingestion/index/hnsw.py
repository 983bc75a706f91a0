"""HNSW indexes of large workspaces, built in the background, one per workspace and embedding space.

A filter on a shared index would miss hits. An index covers the vectors up to one row and takes no
inserts, which would slow indexing to a fifth. Later vectors are scanned until there are so many
that a new index replaces the old one.
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

MIN_INDEXED_VECTORS: Final = 20_000  # Vectors; below, an exact scan takes tens of milliseconds.
MAX_DIMENSIONS: Final = 4_000  # pgvector's limit for an index over halfvec.
MAX_LATE_SHARE: Final = 0.2  # Share of vectors beyond the index that makes a new index due.
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
        """The name in the database, which holds all fields."""
        return f"near_{self.space}_{self.workspace.hex}_{self.last}"

    @property
    def place(self) -> Place:
        """The space and workspace; of several indexes of one place the newest counts."""
        return self.space, self.workspace


def near_index(workspace: Workspace, space: EmbeddingSpace) -> NearIndex | None:
    """Return the index for searches of this workspace; None to scan."""
    return _newest().get((space.pk, workspace.pk))


def maintain_near_indexes() -> None:
    """Build missing indexes, replace outdated ones, drop unused ones.

    Runs in one process at a time, outside of transactions. Takes minutes for millions of vectors;
    searches and indexing go on meanwhile.
    """
    with try_lock(JobLock.NEAR_INDEXES) as is_held:
        if not is_held:
            return
        large = dict(_large())
        for place, (count, last) in large.items():
            index = _newest().get(place)
            if index is None or _late_vectors(index) > max(
                MIN_INDEXED_VECTORS, MAX_LATE_SHARE * count
            ):
                _build(NearIndex(*place, last))
        newest = _newest()
        for index in _indexes():
            if index.place not in large or index != newest.get(index.place):
                _execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"')


def _large() -> Iterator[tuple[Place, tuple[int, int]]]:
    """Yield the number of vectors and the last row of each large workspace and space."""
    # Summing up the documents' counts is fast and excludes most workspaces.
    sums = (
        Document.objects.values("workspace")
        .annotate(total=Sum("chunk_count"))
        .filter(total__gt=MIN_INDEXED_VECTORS)
    )
    counted = (
        Embedding.objects.filter(
            space__dimensions__lte=MAX_DIMENSIONS, workspace__in=sums.values("workspace")
        )
        .values("space", "workspace")
        .annotate(count=Count("pk"), last=Max("pk"))
        .filter(count__gt=MIN_INDEXED_VECTORS)
    )
    for row in counted:
        yield (row["space"], row["workspace"]), (row["count"], row["last"])


def _late_vectors(index: NearIndex) -> int:
    """Return how many vectors were added after the index was built."""
    return Embedding.objects.filter(
        space=index.space, workspace=index.workspace, pk__gt=index.last
    ).count()


def _build(index: NearIndex) -> None:
    dimensions = EmbeddingSpace.objects.get(pk=index.space).dimensions
    logger.info("Building %s.", index.name)
    # An interrupted build leaves an invalid index.
    _execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"')
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
            yield NearIndex(
                int(match["space"]), UUID(match["workspace"]), int(match["last"]), is_valid
            )


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
