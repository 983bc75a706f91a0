"""Results of a search. Plain values, which can be used without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Mode = str
"""`hybrid` for all legs, or the name of one leg."""


@dataclass(frozen=True, slots=True)
class LegHit:
    """A chunk that one leg found, and its score; a higher score is better."""

    chunk: UUID
    score: float


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """The document of a hit, for display."""

    id: UUID
    name: str
    title: str
    version: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found. `score` depends on the mode; ranks begin at 1, None for a leg that did not find it."""

    chunk: UUID
    document: DocumentRef
    position: int
    text: str
    headings: tuple[str, ...]
    page_from: int | None
    page_to: int | None
    score: float
    passage_score: float
    """The score of the passage alone, to which a floor applies."""
    ranks: Mapping[str, int | None]
    boxes: Sequence[Sequence[float]] = ()
    anchors: Sequence[tuple[int, int | None, int | None]] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and the trace of the search."""

    hits: tuple[Hit, ...] = ()
    trace: dict[str, Any] = field(default_factory=dict)
