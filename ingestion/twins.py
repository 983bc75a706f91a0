"""Equal bytes under two names in one workspace: what was made for the one serves the other, as far as it is the same.

The pieces come from the bytes alone. So do the vectors, unless the name stands above each piece for want of a title:
then they are made anew. Only documents of the present make are looked at.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from ingestion.models import Chunk, Document, Embedding, EmbeddingSpace
from ingestion.splitting import Piece


@dataclass(frozen=True, slots=True)
class Twin:
    """A document that was made of the same bytes in the same way, and its pieces."""

    document: Document
    pieces: list[Piece]


def twin_of(document: Document, make: str) -> Twin | None:
    """Return a document of the same workspace and bytes that is ready and of this make."""
    alike = Document.objects.filter(
        workspace=document.workspace,
        blob=document.blob,
        media_type=document.media_type,
        make=make,
        status=Document.Status.READY,
    )
    for other in alike.exclude(pk=document.pk)[:10]:
        if _suffix(other) == _suffix(document):  # Which decides how some texts are read.
            pieces = [piece_of(chunk) for chunk in other.chunks.defer("terms", "weights").order_by("position")]
            if len(pieces) == other.chunk_count:  # Else it is being deleted at this moment.
                return Twin(other, pieces)
    return None


def vectors_of(twin: Twin, space: EmbeddingSpace) -> list[Sequence[float]] | None:
    """Return the vectors of the twin's pieces in `space`, in order; None unless all are there."""
    rows = Embedding.objects.filter(chunk__document=twin.document, space=space).order_by("chunk__position")
    vectors: list[Sequence[float]] = [array("f", vector) for vector in rows.values_list("vector", flat=True)]
    return vectors if len(vectors) == len(twin.pieces) else None


def _suffix(document: Document) -> str:
    return PurePath(document.name).suffix.lower()


def piece_of(chunk: Chunk) -> Piece:
    """Return the piece that a chunk was made of."""
    return Piece(chunk.text, tuple(chunk.headings), chunk.page_from, chunk.page_to, chunk.start, chunk.end)
