"""How many of a workspace's documents can be found yet: what an answer must own up to when it found nothing."""

from dataclasses import asdict, dataclass

from django.db.models import Count

from ingestion.models import Document
from workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Readiness:
    """Documents of a workspace: all that somebody wants in it, those that can be found, those still on their way."""

    total: int
    ready: int
    waiting: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing is still on its way."""
        return self.waiting == 0

    def as_json(self) -> dict[str, int]:
        """Return the counts as they stand in events and traces."""
        return asdict(self)


def readiness_of(workspace: Workspace) -> Readiness:
    """Count the documents of `workspace` by how far they have come; those cancelled are nobody's wish any more."""
    rows = Document.objects.filter(workspace=workspace).values_list("status").annotate(Count("pk")).order_by()
    counts: dict[str, int] = dict(rows)
    cancelled = counts.get(Document.Status.CANCELLED, 0)
    waiting = counts.get(Document.Status.QUEUED, 0) + counts.get(Document.Status.PROCESSING, 0)
    return Readiness(sum(counts.values()) - cancelled, counts.get(Document.Status.READY, 0), waiting)
