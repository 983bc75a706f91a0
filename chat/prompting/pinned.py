"""Passages of pinned documents, which precede the hits of a search in a prompt.

A document is included whole if it fits into the rest of its share: all chunks in order, overlaps
removed. Otherwise the search prefers its passages. The share is defined in `builder`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import Max

from accounts.models import User
from chat.prompting.builder import weight_of
from chat.prompting.passages import PromptPassage
from ingestion.models import Chunk, Document
from workspaces.models import Workspace

_MIN_TOKENS_PER_CHAR: Final = 0.3


@dataclass(frozen=True, slots=True)
class Pinned:
    """Passages of the documents that are included whole, and the documents to prefer in a search."""

    passages: tuple[PromptPassage, ...] = ()
    whole: Mapping[UUID, str] = field(default_factory=dict)
    preferred: Mapping[UUID, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the member `pinned` of the trace."""
        return {
            "whole": list(self.whole.values()),
            "passages": len(self.passages),
            "left_out": list(self.preferred.values()),
        }


def pinned_documents(user: User, workspace: Workspace, *, room: float) -> Pinned:
    """Return the pinned documents that `user` may see, included whole while `room` tokens last.

    The oldest document comes first.
    """
    # A document that is indexed again is included with its serving chunks.
    documents = Document.objects.visible_to(user).filter(
        workspace=workspace, pinned=True, chunk_count__gt=0
    )
    named = dict(documents.order_by("id").values_list("pk", "name"))
    candidates = _light_enough(named, room)
    passages: list[PromptPassage] = []
    whole: dict[UUID, str] = {}
    for document, chunks in _chunks_of(user, candidates).items():
        texts = list(_without_overlap(chunks))
        own = [
            _passage(n, chunk, text)
            for n, (chunk, text) in enumerate(texts, start=len(passages) + 1)
        ]
        weight = sum(map(weight_of, own))
        if weight <= room:
            room -= weight
            passages += own
            whole[document] = named[document]
    return Pinned(
        tuple(passages), whole, {pk: name for pk, name in named.items() if pk not in whole}
    )


def _light_enough(documents: Iterable[UUID], room: float) -> list[UUID]:
    """Return the documents whose length allows them to fit, without reading their text."""
    lengths = (
        Chunk.objects.filter(document__in=list(documents))
        .order_by()
        .values("document")
        .annotate(end=Max("end"))
    )
    length_of = dict(lengths.values_list("document", "end"))
    return [
        pk
        for pk in documents
        if length_of.get(pk) is not None and length_of[pk] * _MIN_TOKENS_PER_CHAR <= room
    ]


def _chunks_of(user: User, documents: Sequence[UUID]) -> dict[UUID, list[Chunk]]:
    found: dict[UUID, list[Chunk]] = {pk: [] for pk in documents}
    rows = Chunk.objects.visible_to(user).filter(document__in=documents).select_related("document")
    for chunk in (
        rows.defer("terms", "weights").order_by("document_id", "position") if documents else ()
    ):
        found[chunk.document_id].append(chunk)
    return {pk: chunks for pk, chunks in found.items() if chunks}


def _without_overlap(chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, str]]:
    """Yield each chunk with its text after the overlap with the previous chunk."""
    said = 0
    for chunk in chunks:
        # A repeated table header makes the text longer than its span; such a chunk has no overlap.
        repeated = max(0, said - chunk.start) if chunk.end - chunk.start == len(chunk.text) else 0
        said = max(said, chunk.end)
        if text := chunk.text[repeated:].lstrip() if repeated else chunk.text:
            yield chunk, text


def _passage(n: int, chunk: Chunk, text: str) -> PromptPassage:
    cut = len(chunk.text) - len(text)
    return PromptPassage(
        n=n,
        chunk=chunk.pk,
        document_id=chunk.document_id,
        document_name=chunk.document.name,
        version=chunk.document.stand_in or chunk.document.version,
        headings=tuple(chunk.headings),
        page_from=chunk.page_from,
        page_to=chunk.page_to,
        text=text,
        score=1.0,
        pinned=True,
        boxes=chunk.boxes,
        anchors=[(max(0, begin - cut), page, box) for begin, page, box in chunk.anchors],
    )
