"""Puts the chunks of a document into the index, all at once: a reader sees the old set or the new one, never a mix.

Rows go in by COPY and are made on the way, since a book has thousands. How chunks are made is `indexing`'s business.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model

from ingestion.documents import versions
from ingestion.index import vector_cache
from ingestion.index.active_space import serve_first
from ingestion.index.removal import delete_chunks
from ingestion.lexical_terms import document_weights
from ingestion.models import Chunk, Document, Embedding, EmbeddingSpace
from ingestion.pipeline import binary_copy
from ingestion.pipeline.chunking import Piece
from ingestion.pipeline.embedder import Vectors
from ingestion.queue import claims
from web.ids import new_id

# The columns that are written, and how; those of bytes are made by `binary_copy`.
_CHUNKS: Final = {
    "id": "uuid",
    "document_id": "uuid",
    "workspace_id": "uuid",
    "position": "int4",
    "text": "text",
    "headings": "bytea",
    "page_from": "int4",
    "page_to": "int4",
    "start": "int4",
    "end": "int4",
    "boxes": "bytea",
    "anchors": "bytea",
    "terms": "bytea",
    "weights": "bytea",
}
_EMBEDDINGS: Final = {
    "chunk_id": "uuid",
    "workspace_id": "uuid",
    "space_id": "int8",
    "vector": "bytea",
    "text_hash": "bytea",
}

Doing = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that indexing found out about one document."""

    document: Document
    title: str
    pages: int | None
    make: str
    pieces: Sequence[Piece]
    repeated: Sequence[tuple[str, int]]
    """Running headers and footers that were left out."""
    words: Sequence[str]
    """What each piece is found by."""
    vectors: Vectors
    serving: EmbeddingSpace | None = None
    """The space that searches use while the document is made; none before there is anything to search."""
    also: Vectors | None = None
    """Vectors of that space, where it is another one."""

    @property
    def about(self) -> dict[str, Any]:
        """What the document's row says of it."""
        made = {"title": self.title, "pages": self.pages, "make": self.make, "chunk_count": len(self.pieces)}
        return made | {"repeated": [list(line) for line in self.repeated], "stand_in": None}


@dataclass(frozen=True, slots=True)
class FurtherVectors:
    """Vectors in another space for the chunks that a document has."""

    make: str
    chunks: Sequence[UUID]
    vectors: Vectors


class _TakenAway(Exception):
    """Somebody else decides about the document by now."""


def publish(editions: Sequence[Edition], *, tick: Doing = lambda: None, lastly: Doing = lambda: None) -> bool:
    """Swap in fresh sets of chunks; False, and nothing done, when one of the documents is no longer ours.

    All are of one workspace. `tick` is called for every chunk, and may raise; `lastly` once all is done, in the same
    transaction. The documents' rows are touched last, so that who cancels or deletes one meanwhile does not wait.
    """
    try:
        with transaction.atomic():
            for edition in editions:
                _set_aside(edition.document)
            _insert(editions, tick)
            _mark_ready([(edition.document, edition.vectors, edition.about) for edition in editions])
            if any(edition.pieces for edition in editions):
                serve_first(editions[0].document.workspace_id, editions[0].vectors.space)
            lastly()
    except _TakenAway:
        return False
    return True


def _set_aside(document: Document) -> None:
    if document.chunk_count:
        _keep_from_deletion(document)
        versions.set_aside(document)
        delete_chunks(document)


def publish_further_vectors(
    document: Document, further: FurtherVectors, *, tick: Doing = lambda: None, lastly: Doing = lambda: None
) -> bool:
    """Put vectors beside those that the chunks of a document have; False when the document is no longer ours."""
    try:
        with transaction.atomic():
            there = Embedding.objects.filter(chunk__in=further.chunks, space=further.vectors.space)
            new = _rows(document, further.chunks, further.vectors, without=set(there.values_list("chunk", flat=True)))
            _copy(Embedding, _EMBEDDINGS, new, tick)
            _mark_ready([(document, further.vectors, {"make": further.make})])
            lastly()
    except _TakenAway:
        return False
    return True


def _mark_ready(made: Sequence[tuple[Document, Vectors, Mapping[str, Any]]]) -> None:
    for document, vectors, _about in made:
        if vectors.left_over:
            vector_cache.forget(document)
    found = [(document, {"without_vector": vectors.missing, **about}) for document, vectors, about in made]
    if not claims.mark_all_ready(found):
        raise _TakenAway


def _keep_from_deletion(document: Document) -> None:
    """Have who deletes the document wait, so that the two do not wait for one another's chunks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM ingestion_document WHERE id = %s FOR KEY SHARE", [document.pk])


def _insert(editions: Sequence[Edition], tick: Doing) -> None:
    new = [(edition, [new_id() for _piece in edition.pieces]) for edition in editions]
    _copy(Chunk, _CHUNKS, chain.from_iterable(_chunk_rows(edition, ids) for edition, ids in new), tick)
    made = (
        _rows(edition.document, ids, vectors)
        for edition, ids in new
        for vectors in filter(None, [edition.vectors, edition.also])
    )
    _copy(Embedding, _EMBEDDINGS, chain.from_iterable(made), tick)


def _chunk_rows(edition: Edition, ids: Sequence[UUID]) -> Iterator[tuple[Any, ...]]:
    document = edition.document
    salt = document.workspace_id.int
    for position, (chunk_id, piece, words) in enumerate(zip(ids, edition.pieces, edition.words, strict=True)):
        weights = document_weights(words, salt=salt)
        yield (
            chunk_id,
            document.pk,
            document.workspace_id,
            position,
            piece.text,
            binary_copy.texts(piece.headings),
            piece.page_from,
            piece.page_to,
            piece.start,
            piece.end,
            binary_copy.jsonb(piece.boxes),
            binary_copy.jsonb(piece.anchors),
            binary_copy.integers(list(weights)),
            binary_copy.sparsevec(weights),
        )


def _rows(
    document: Document, chunks: Sequence[UUID], made: Vectors, *, without: Collection[UUID] = ()
) -> Iterator[tuple[Any, ...]]:
    hashes: Sequence[bytes | None] = made.hashes or [None] * len(chunks)
    for chunk_id, vector, text_hash in zip(chunks, made.vectors, hashes, strict=True):
        if vector is not None and chunk_id not in without:
            yield chunk_id, document.workspace_id, made.space.pk, binary_copy.halfvec(vector), text_hash


def _copy(model: type[Model], columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]], tick: Doing) -> None:
    named = ", ".join(f'"{column}"' for column in columns)
    statement = f"COPY {model._meta.db_table} ({named}) FROM STDIN (FORMAT binary)"
    # Django sees nothing of a COPY, so its errors would not be Django's own.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([*columns.values()])
        for row in rows:
            tick()
            copy.write_row(row)
