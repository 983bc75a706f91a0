"""Publishes embedded documents: replaces their chunks in the index in one transaction.

Readers see the old chunks or the new ones, never a mix. Rows go in by binary COPY and are generated
on the way, since a book has thousands. How chunks and vectors are made does not belong here.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from pgvector import HalfVector
from psycopg.types.json import Jsonb

from ingestion.document_terms import title_page
from ingestion.documents import versions
from ingestion.index import vector_cache
from ingestion.index.active_space import change_over, serve_first
from ingestion.index.document_index import write_entries
from ingestion.index.removal import delete_chunks
from ingestion.lexical_terms import document_weights, sparse_vector, terms
from ingestion.models import Chunk, Document, Embedding, Run
from ingestion.pipeline.archives import close
from ingestion.pipeline.chunking import TextChunk
from ingestion.pipeline.embedder import INDEX_PROGRESS, EmbeddedChunks, EmbeddedDocument, Vectors
from ingestion.queue import claims
from ingestion.queue.leases import Lease, LeaseLost
from ingestion.queue.run_recorder import save_all
from web.ids import new_id

# The columns and the types in which COPY sends them. Vectors are sent as bytes that pgvector's
# Python side packs, since its types have other numbers in every database and would have to be
# looked up for each connection.
_CHUNK_COLUMNS: Final = {
    "id": "uuid",
    "document_id": "uuid",
    "workspace_id": "uuid",
    "position": "int4",
    "text": "text",
    "headings": "text[]",
    "page_from": "int4",
    "page_to": "int4",
    "start": "int4",
    "end": "int4",
    "boxes": "jsonb",
    "anchors": "jsonb",
    "terms": "int4[]",
    "weights": "bytea",
}
_EMBEDDING_COLUMNS: Final = {
    "chunk_id": "uuid",
    "workspace_id": "uuid",
    "space_id": "int8",
    "vector": "bytea",
    "text_hash": "bytea",
}


def publish(documents: Sequence[EmbeddedDocument]) -> None:
    """Replace the chunks of documents of one workspace.

    Raises `LeaseLost`, and changes nothing, if one document was cancelled, deleted or taken over.
    The documents' rows are written last, so that cancelling or deleting a document does not wait
    for the COPY.
    """
    leases = [document.split.lease for document in documents]
    workspace, vectors = leases[0].document.workspace, documents[0].vectors
    for lease, document in zip(leases, documents, strict=True):
        lease.begin(Document.Stage.INDEX, INDEX_PROGRESS, chunks=len(document.split.chunks))
    with transaction.atomic():
        for lease in leases:
            _remove_old_chunks(lease.document)
        # Progress of the first document alone: documents of a batch are small.
        counted = _insert(
            documents, partial(leases[0].report, Document.Stage.INDEX, INDEX_PROGRESS)
        )
        _mark_ready(
            [
                (document.split.document, document.vectors, _row_values(document))
                for document in documents
            ]
        )
        write_entries(
            [
                (
                    document.split.document,
                    document.split.title,
                    _title_page(document.split.chunks),
                    counts,
                )
                for document, counts in zip(documents, counted, strict=True)
            ]
        )
        if any(document.split.chunks for document in documents):
            serve_first(workspace.pk, vectors.space)
        _finish_runs(leases)
    if documents[0].serving not in (None, vectors.space):
        change_over(workspace)


def publish_vectors(lease: Lease, embedded: EmbeddedChunks) -> None:
    """Add vectors in another space to a document's chunks.

    Raises `LeaseLost`, and changes nothing, if the document was cancelled, deleted or taken over.
    """
    lease.begin(Document.Stage.INDEX, INDEX_PROGRESS)
    document, vectors = lease.document, embedded.vectors
    with transaction.atomic():
        present = Embedding.objects.filter(chunk__in=embedded.chunks, space=vectors.space)
        without = set(present.values_list("chunk", flat=True))
        rows = _embedding_rows(document, embedded.chunks, vectors, without=without)
        tick = partial(lease.report, Document.Stage.INDEX, INDEX_PROGRESS)
        copy_rows(Embedding._meta.db_table, _EMBEDDING_COLUMNS, rows, tick)
        _mark_ready([(document, vectors, {"make": embedded.make})])
        _finish_runs([lease])
    change_over(document.workspace)


def _title_page(chunks: Sequence[TextChunk]) -> str:
    return title_page((chunk.text for chunk in chunks), chunks[-1].end if chunks else 0)


def _remove_old_chunks(document: Document) -> None:
    if not document.chunk_count:
        return
    # Locks the row against deletion: a deletion would lock chunks in another order, and both would
    # wait for each other.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM ingestion_document WHERE id = %s FOR KEY SHARE", [document.pk]
        )
    versions.set_aside(document)
    delete_chunks(document)


def _row_values(embedded: EmbeddedDocument) -> dict[str, Any]:
    """Return what indexing found, by field of the document."""
    split = embedded.split
    return {
        "title": split.title,
        "pages": split.pages,
        "make": embedded.make,
        "chunk_count": len(split.chunks),
        "repeated": [list(line) for line in split.repeated],
        "stand_in": None,
    }


def _mark_ready(published: Sequence[tuple[Document, Vectors, Mapping[str, Any]]]) -> None:
    for document, vectors, _values in published:
        if vectors.has_unpublished:
            vector_cache.forget(document)
    rows = [
        (document, {"without_vector": vectors.missing, **values})
        for document, vectors, values in published
    ]
    if not claims.mark_all_ready(rows):
        raise LeaseLost


def _finish_runs(leases: Sequence[Lease]) -> None:
    for lease in leases:
        if lease.document.contents:  # The version before was an archive.
            close(lease.document)
    save_all([lease.run for lease in leases], Run.Outcome.READY)


def _insert(documents: Sequence[EmbeddedDocument], tick: Callable[[], None]) -> list[Counter[str]]:
    """Insert chunks and vectors, and return the counted terms of each document."""
    new = [(document, [new_id() for _chunk in document.split.chunks]) for document in documents]
    counted: list[Counter[str]] = [Counter() for _document in documents]
    chunks = chain.from_iterable(
        _chunk_rows(document, ids, counts)
        for (document, ids), counts in zip(new, counted, strict=True)
    )
    copy_rows(Chunk._meta.db_table, _CHUNK_COLUMNS, chunks, tick)
    embeddings = chain.from_iterable(
        _embedding_rows(document.split.document, ids, vectors)
        for document, ids in new
        for vectors in (document.vectors, document.serving_vectors)
        if vectors is not None
    )
    copy_rows(Embedding._meta.db_table, _EMBEDDING_COLUMNS, embeddings, tick)
    return counted  # COPY has read all chunks.


def _chunk_rows(
    embedded: EmbeddedDocument, ids: Sequence[UUID], counts: Counter[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a document's chunks, and count the terms of all into `counts`."""
    document = embedded.split.document
    salt = document.workspace_id.int
    rows = zip(ids, embedded.split.chunks, embedded.texts, strict=True)
    for position, (chunk_id, chunk, text) in enumerate(rows):
        counted = terms(text)
        counts.update(counted)
        weights = document_weights(text, salt=salt, counted=counted)
        yield (
            chunk_id,
            document.pk,
            document.workspace_id,
            position,
            chunk.text,
            list(chunk.headings),
            chunk.page_from,
            chunk.page_to,
            chunk.start,
            chunk.end,
            Jsonb(chunk.boxes),
            Jsonb(chunk.anchors),
            list(weights),
            sparse_vector(weights).to_binary(),
        )


def _embedding_rows(
    document: Document, chunks: Sequence[UUID], vectors: Vectors, *, without: Collection[UUID] = ()
) -> Iterator[tuple[Any, ...]]:
    hashes: Sequence[bytes | None] = vectors.hashes or [None] * len(chunks)
    for chunk_id, vector, text_hash in zip(chunks, vectors.vectors, hashes, strict=True):
        if vector is not None and chunk_id not in without:
            packed = HalfVector(list(vector)).to_binary()
            yield chunk_id, document.workspace_id, vectors.space.pk, packed, text_hash


def copy_rows(
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Any]],
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Write rows by binary COPY.

    `columns` gives the type of each, and `tick` is called before each row.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    statement = f"COPY {table} ({names}) FROM STDIN (FORMAT binary)"
    # COPY bypasses Django's cursor, so its errors have to be converted to Django's.
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        copy.set_types([*columns.values()])
        for row in rows:
            tick()
            copy.write_row(row)
