"""Puts the chunks of a document into the index, all at once: a reader sees the old set or the new one, never a mix.

Rows go in by COPY and are made on the way, since a book has thousands. How chunks are made is `indexing`'s business.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from ingestion import queue
from ingestion.models import Chunk, Document, Embedding, EmbeddingSpace
from ingestion.serving import serve_first
from ingestion.splitting import Piece
from ingestion.terms import TERM_SPACE
from web.ids import new_id

COPY_CHUNKS = (
    "COPY ingestion_chunk"
    ' (id, document_id, workspace_id, position, text, headings, page_from, page_to, start, "end", terms, weights)'
    " FROM STDIN"
)
COPY_EMBEDDINGS = "COPY ingestion_embedding (chunk_id, workspace_id, space_id, vector) FROM STDIN"


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that indexing found out about one document; `weights` makes a piece's side of keyword search."""

    title: str
    pages: int | None
    make: str
    space: EmbeddingSpace
    pieces: Sequence[Piece]
    vectors: Sequence[Sequence[float]]
    weights: Callable[[Piece], dict[int, float]]
    also: tuple[EmbeddingSpace, Sequence[Sequence[float]]] | None = None
    """Vectors of another space, which searches use for the time being."""


@dataclass(frozen=True, slots=True)
class FurtherVectors:
    """Vectors in another space for the chunks that a document has."""

    make: str
    space: EmbeddingSpace
    chunks: Sequence[UUID]
    vectors: Sequence[Sequence[float]]


class _TakenAway(Exception):
    """Somebody else decides about the document by now."""


def publish(document: Document, edition: Edition, *, tick: Callable[[], None] = lambda: None) -> bool:
    """Swap in a fresh set of chunks; False, and nothing done, when the document is no longer ours.

    `tick` is called for every chunk, and may raise. The document's row is touched last, so that who cancels or deletes
    it meanwhile does not wait.
    """
    try:
        with transaction.atomic():
            if document.chunk_count:
                delete_chunks(document)
            _insert(document, edition, tick)
            count = len(edition.pieces)
            if not _mark_ready(
                document, title=edition.title, pages=edition.pages, make=edition.make, chunk_count=count
            ):
                raise _TakenAway
            if count:
                serve_first(document.workspace_id, edition.space)
    except _TakenAway:
        return False
    return True


def publish_further_vectors(
    document: Document, further: FurtherVectors, *, tick: Callable[[], None] = lambda: None
) -> bool:
    """Put vectors beside those that the chunks of a document have; False when the document is no longer ours."""
    try:
        with transaction.atomic():
            _copy(COPY_EMBEDDINGS, _rows(document, further.space, further.chunks, further.vectors), tick)
            if not _mark_ready(document, make=further.make):
                raise _TakenAway
    except _TakenAway:
        return False
    return True


def _mark_ready(document: Document, **more: Any) -> bool:
    ready = queue.held(document).update(
        status=Document.Status.READY,
        stage=None,
        progress=1.0,
        claim=None,
        error_code="",
        error_details={},
        attempts=0,
        takeovers=0,
        **more,
    )
    return bool(ready)


def delete_chunks(*documents: Document) -> None:
    """Take documents out of the index, two statements however many chunks they have.

    Who deletes a document holds its row first, or a worker might publish in between.
    """
    chunks = Chunk.objects.filter(document__in=documents)
    Embedding.objects.filter(chunk__in=chunks)._raw_delete(connection.alias)
    chunks._raw_delete(connection.alias)


def _insert(document: Document, edition: Edition, tick: Callable[[], None]) -> None:
    ids = [new_id() for _piece in edition.pieces]
    _copy(COPY_CHUNKS, _chunk_rows(document, edition, ids), tick)
    for space, vectors in filter(None, [(edition.space, edition.vectors), edition.also]):
        _copy(COPY_EMBEDDINGS, _rows(document, space, ids, vectors), tick)


def _chunk_rows(document: Document, edition: Edition, ids: Sequence[UUID]) -> Iterator[tuple[Any, ...]]:
    for position, (chunk_id, piece) in enumerate(zip(ids, edition.pieces, strict=True)):
        weights = edition.weights(piece)
        yield (
            chunk_id,
            document.pk,
            document.workspace_id,
            position,
            piece.text,
            list(piece.headings),
            piece.page_from,
            piece.page_to,
            piece.start,
            piece.end,
            list(weights),
            sparse_text(weights),
        )


def _rows(
    document: Document, space: EmbeddingSpace, chunks: Sequence[UUID], vectors: Sequence[Sequence[float]]
) -> Iterator[tuple[Any, ...]]:
    for chunk_id, vector in zip(chunks, vectors, strict=True):
        yield chunk_id, document.workspace_id, space.pk, vector_text(vector)


def _copy(statement: str, rows: Iterable[tuple[Any, ...]], tick: Callable[[], None]) -> None:
    # Django sees nothing of a COPY, so its errors would not be Django's own.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            tick()
            copy.write_row(row)


def sparse_text(weights: dict[int, float]) -> str:
    """Write weights by term id as pgvector reads them."""
    return "{" + ",".join([f"{term}:{weight:.5g}" for term, weight in sorted(weights.items())]) + f"}}/{TERM_SPACE}"


def vector_text(vector: Sequence[float]) -> str:
    """Write a vector as pgvector reads it."""
    return "[" + ",".join([f"{number:.5g}" for number in vector]) + "]"
