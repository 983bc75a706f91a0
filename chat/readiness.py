"""How many of a workspace's documents can be found yet: what an answer must own up to when it found nothing."""

from collections import Counter
from dataclasses import asdict, dataclass

from django.db.models import Count, Q

from ingestion.models import Document
from workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Readiness:
    """Documents of a workspace: all that somebody wants in it, those that can be found, those still on their way."""

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
    """Count the documents of `workspace` by how far they have come; those cancelled are nobody's wish any more."""
    by_status = Document.objects.filter(workspace=workspace).order_by().values("status")
    counted = by_status.annotate(count=Count("pk"), first=Count("pk", filter=Q(pinned=True)))
    rows = list(counted.values_list("status", "count", "first"))
    counts = Counter({status: count for status, count, _pinned in rows})
    pinned = {status: number for status, _count, number in rows}
    return Readiness(
        total=counts.total() - counts[Document.Status.CANCELLED],
        ready=counts[Document.Status.READY],
        waiting=counts[Document.Status.QUEUED] + counts[Document.Status.PROCESSING],
        pinned=pinned.get(Document.Status.READY, 0),
    )
