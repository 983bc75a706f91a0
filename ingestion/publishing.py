"""Puts the chunks of a document into the index, all at once: a reader sees the old set or the new one, never a mix.

Rows go in by COPY and are made on the way, since a book has thousands. How chunks are made is `indexing`'s business.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from ingestion import known_vectors, queue, versions
from ingestion.models import Document, Embedding, EmbeddingSpace
from ingestion.removal import delete_chunks
from ingestion.serving import serve_first
from ingestion.splitting import Piece
from ingestion.terms import TERM_SPACE
from ingestion.vectors import Vectors
from web.ids import new_id

COPY_CHUNKS = (
    "COPY ingestion_chunk"
    " (id, document_id, workspace_id, position, text, headings, page_from, page_to, start,"
    ' "end", boxes, terms, weights)'
    " FROM STDIN"
)
COPY_EMBEDDINGS = "COPY ingestion_embedding (chunk_id, workspace_id, space_id, vector, text_hash) FROM STDIN"

Doing = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that indexing found out about one document; `weights` makes a piece's side of keyword search."""

    title: str
    pages: int | None
    make: str
    pieces: Sequence[Piece]
    vectors: Vectors
    weights: Callable[[Piece], dict[int, float]]
    serving: EmbeddingSpace | None = None
    """The space that searches use while the document is made; none before there is anything to search."""
    also: Vectors | None = None
    """Vectors of that space, where it is another one."""


@dataclass(frozen=True, slots=True)
class FurtherVectors:
    """Vectors in another space for the chunks that a document has."""

    make: str
    chunks: Sequence[UUID]
    vectors: Vectors


class _TakenAway(Exception):
    """Somebody else decides about the document by now."""


def publish(document: Document, edition: Edition, *, tick: Doing = lambda: None, lastly: Doing = lambda: None) -> bool:
    """Swap in a fresh set of chunks; False, and nothing done, when the document is no longer ours.

    `tick` is called for every chunk, and may raise; `lastly` once all is done, in the same transaction. The document's
    row is touched last, so that who cancels or deletes it meanwhile does not wait.
    """
    try:
        with transaction.atomic():
            if document.chunk_count:
                _keep_from_deletion(document)
                versions.set_aside(document)
                delete_chunks(document)
            _insert(document, edition, tick)
            count = len(edition.pieces)
            about = {"title": edition.title, "pages": edition.pages, "make": edition.make, "chunk_count": count}
            if not _mark_ready(document, edition.vectors, stand_in=None, **about):
                raise _TakenAway
            if count:
                serve_first(document.workspace_id, edition.vectors.space)
            lastly()
    except _TakenAway:
        return False
    return True


def publish_further_vectors(
    document: Document, further: FurtherVectors, *, tick: Doing = lambda: None, lastly: Doing = lambda: None
) -> bool:
    """Put vectors beside those that the chunks of a document have; False when the document is no longer ours."""
    try:
        with transaction.atomic():
            there = Embedding.objects.filter(chunk__in=further.chunks, space=further.vectors.space)
            new = _rows(document, further.chunks, further.vectors, without=set(there.values_list("chunk", flat=True)))
            _copy(COPY_EMBEDDINGS, new, tick)
            if not _mark_ready(document, further.vectors, make=further.make):
                raise _TakenAway
            lastly()
    except _TakenAway:
        return False
    return True


def _mark_ready(document: Document, vectors: Vectors, **more: Any) -> bool:
    if vectors.left_over:
        known_vectors.forget(document)
    return queue.mark_ready(document, without_vector=vectors.missing, **more)


def _keep_from_deletion(document: Document) -> None:
    """Have who deletes the document wait, so that the two do not wait for one another's chunks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM ingestion_document WHERE id = %s FOR KEY SHARE", [document.pk])


def _insert(document: Document, edition: Edition, tick: Doing) -> None:
    ids = [new_id() for _piece in edition.pieces]
    _copy(COPY_CHUNKS, _chunk_rows(document, edition, ids), tick)
    for vectors in filter(None, [edition.vectors, edition.also]):
        _copy(COPY_EMBEDDINGS, _rows(document, ids, vectors), tick)


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
            json.dumps(piece.boxes),
            "{" + ",".join(map(str, weights)) + "}",  # As the database writes arrays: a tenth of psycopg's own way.
            sparse_text(weights),
        )


def _rows(
    document: Document, chunks: Sequence[UUID], made: Vectors, *, without: Collection[UUID] = ()
) -> Iterator[tuple[Any, ...]]:
    hashes: Sequence[bytes | None] = made.hashes or [None] * len(chunks)
    for chunk_id, vector, text_hash in zip(chunks, made.vectors, hashes, strict=True):
        if vector is not None and chunk_id not in without:
            yield chunk_id, document.workspace_id, made.space.pk, vector_text(vector), text_hash


def _copy(statement: str, rows: Iterable[tuple[Any, ...]], tick: Doing) -> None:
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
