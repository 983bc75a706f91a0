"""Counts of the documents of a workspace that can be found, for answers without passages."""

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from ingestion.documents.services import UNFINISHED
from ingestion.models import Document
from web.compiled_querysets import CompiledQueryset
from workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Readiness:
    """Numbers of documents: in total, those that can be found, and those queued or in processing."""

    total: int
    ready: int
    waiting: int
    pinned: int = 0
    """The number of pinned documents among those that can be found."""

    @property
    def is_complete(self) -> bool:
        """Whether no document is queued or in processing."""
        return self.waiting == 0

    def as_json(self) -> dict[str, int]:
        """Return the counts for events and traces."""
        return asdict(self)


def readiness_of(workspace: Workspace) -> Readiness:
    """Count the documents of `workspace`, except cancelled ones.

    A document that is indexed again counts as ready, since its old chunks serve.
    """
    counts = _COUNTS.rows(workspace.pk)
    return Readiness(*counts[0]) if counts else Readiness(0, 0, 0)


def _counts(workspace: UUID) -> "QuerySet[Document, tuple[Any, ...]]":
    found = Q(status=Document.Status.READY) | Q(chunk_count__gt=0)
    return (
        Document.objects.filter(workspace=workspace)
        .exclude(status=Document.Status.CANCELLED)
        .order_by()
        .values("workspace")
        .annotate(
            total=Count("pk"),
            ready=Count("pk", filter=found),
            waiting=Count("pk", filter=Q(status__in=UNFINISHED) & ~found),
            of_these_pinned=Count("pk", filter=found & Q(pinned=True)),
        )
        .values_list("total", "ready", "waiting", "of_these_pinned")
    )


_COUNTS: Final = CompiledQueryset(_counts, UUID)
