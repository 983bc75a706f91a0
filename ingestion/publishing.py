"""Puts the chunks of a document into the index, all at once: a reader sees the old set or the new one, never a mix.

Rows go in by COPY, since a book has thousands. How chunks are made is `indexing`'s business.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from ingestion import queue
from ingestion.models import Chunk, Document, Embedding, EmbeddingSpace
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
class Indexed:
    """A piece with what search needs to find it."""

    piece: Piece
    weights: dict[int, float]
    vector: Sequence[float]


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that indexing found out about one document."""

    title: str
    pages: int | None
    make: str
    space: EmbeddingSpace
    chunks: Sequence[Indexed]


@transaction.atomic
def publish(document: Document, edition: Edition) -> bool:
    """Swap in a fresh set of chunks; False, and nothing done, when the document is no longer ours."""
    if not _mark_ready(document, edition):
        return False
    if document.chunk_count:
        delete_chunks(document)
    _insert(document, edition)
    return True


def _mark_ready(document: Document, edition: Edition) -> bool:
    ready = queue.held(document).update(
        status=Document.Status.READY,
        stage=None,
        progress=1.0,
        claim=None,
        error_code="",
        error_details={},
        attempts=0,
        takeovers=0,
        title=edition.title,
        pages=edition.pages,
        make=edition.make,
        chunk_count=len(edition.chunks),
    )
    return bool(ready)


def delete_chunks(*documents: Document) -> None:
    """Take documents out of the index, two statements however many chunks they have.

    The caller holds the documents' rows, or a worker might publish in between.
    """
    chunks = Chunk.objects.filter(document__in=documents)
    Embedding.objects.filter(chunk__in=chunks)._raw_delete(connection.alias)
    chunks._raw_delete(connection.alias)


def _insert(document: Document, edition: Edition) -> None:
    ids = [new_id() for _chunk in edition.chunks]
    chunks = (
        _chunk_row(document, position, chunk_id, chunk)
        for position, (chunk_id, chunk) in enumerate(zip(ids, edition.chunks, strict=True))
    )
    vectors = (
        (chunk_id, document.workspace_id, edition.space.pk, vector_text(chunk.vector))
        for chunk_id, chunk in zip(ids, edition.chunks, strict=True)
    )
    _copy(COPY_CHUNKS, chunks)
    _copy(COPY_EMBEDDINGS, vectors)


def _chunk_row(document: Document, position: int, chunk_id: object, chunk: Indexed) -> tuple[Any, ...]:
    piece = chunk.piece
    return (
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
        list(chunk.weights),
        sparse_text(chunk.weights),
    )


def _copy(statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def sparse_text(weights: dict[int, float]) -> str:
    """Write weights by term id as pgvector reads them."""
    return "{" + ",".join([f"{term}:{weight:.5g}" for term, weight in sorted(weights.items())]) + f"}}/{TERM_SPACE}"


def vector_text(vector: Sequence[float]) -> str:
    """Write a vector as pgvector reads it."""
    return "[" + ",".join([f"{number:.5g}" for number in vector]) + "]"
