"""How many of a workspace's documents can be found yet: what an answer must own up to when it found nothing."""

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from ingestion.documents.services import UNFINISHED
from ingestion.models import Document
from web.compiled_querysets import Compiled
from workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Readiness:
    """Documents of a workspace: all of them, those that can be found, those in the queue or in work."""

    total: int
    ready: int
    waiting: int
    pinned: int = 0
    """Of those that can be found, the ones that go before all others."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is still on its way."""
        return self.waiting == 0

    def as_json(self) -> dict[str, int]:
        """Return the counts as they stand in events and traces."""
        return asdict(self)


def readiness_of(workspace: Workspace) -> Readiness:
    """Count the documents of `workspace`; cancelled ones are left out.

    A document that is indexed again can be found meanwhile.
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


_COUNTS: Final = Compiled(_counts, UUID)
