"""Leg: one way to rank the chunks of a workspace. `LEGS` in hybrid_search.py names the legs of a hybrid search.

A new leg is one module with a class of this protocol, and one line in `LEGS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from chat.retrieval.results import LegHit, Mode
from chat.retrieval.tracing import SearchTrace
from ingestion.models import Chunk
from workspaces.models import Workspace

LEG_DEPTH = 100
"""How many chunks each leg returns, however few hits are wanted."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A query of a user in a workspace, with the questions before it, newest first."""

    user: User | AnonymousUser
    workspace: Workspace
    query: str
    earlier: tuple[str, ...]
    mode: Mode

    @property
    def whole(self) -> str:
        """The query after the earlier questions, for models, which cannot weigh them apart."""
        return "\n".join((*reversed(self.earlier), self.query))

    @property
    def chunks(self) -> QuerySet[Chunk]:
        """The workspace's chunks that the user may see."""
        return Chunk.objects.visible_to(self.user).filter(workspace=self.workspace)


@dataclass(frozen=True, slots=True)
class LegRanking:
    """The hits of one leg, best first, and the share of the fused score that the leg claims for this query.

    Legs without a share divide the rest of the score.
    """

    hits: Sequence[LegHit]
    share: float | None = None


class Leg(Protocol):
    """One way to rank chunks. The SQL of a leg decides which chunks the user may see."""

    def rank(self, request: SearchRequest, trace: SearchTrace) -> LegRanking:
        """Return at most LEG_DEPTH hits; raises a ProviderError if the leg's model fails."""

    def scale(self, hits: Sequence[LegHit]) -> Sequence[LegHit]:
        """Return the hits with scores from 0 to 1 that can be added to those of other legs."""
