"""What a search answers with. Plain values: whoever holds them needs no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

Mode = Literal["hybrid", "dense", "lexical"]
Leg = Literal["dense", "lexical"]


@dataclass(frozen=True, slots=True)
class Found:
    """A chunk that a leg came up with, and how well it did there; the higher the score the better."""

    chunk: UUID
    score: float


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """The document of a hit, as far as it is shown."""

    id: UUID
    name: str
    title: str
    version: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found. `score` is the mode's own; ranks begin at 1, None where a leg did not find it."""

    chunk: UUID
    document: DocumentRef
    position: int
    text: str
    headings: tuple[str, ...]
    page_from: int | None
    page_to: int | None
    score: float
    ranks: Mapping[str, int | None]
    boxes: Sequence[Sequence[float]] = ()
    anchors: Sequence[tuple[int, int | None, int | None]] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, the best first, and how they were come by."""

    hits: tuple[Hit, ...] = ()
    trace: dict[str, Any] = field(default_factory=dict)
