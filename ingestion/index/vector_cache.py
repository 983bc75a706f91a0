"""Cache of vectors: reuses the vectors of equal texts of a workspace in one embedding space.

A new version reuses the vectors of unchanged chunks, a copy those of its original, and a retry or
takeover those of the run before. Only the same workspace is searched, since the duration of
indexing must not reveal documents of other workspaces. Published vectors are rows of the index, so
deleting a document deletes them; unpublished ones expire. Built-in models are as fast as a query
and are not cached.
"""

import json
from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from django.db import connection
from django.utils import timezone

from ingestion.index.spaces import current_space
from ingestion.models import Document, EmbeddingSpace, UnpublishedVector

Vector = Sequence[float]
_KNOWN: Final = """
SELECT text_hash, vector::text, false FROM ingestion_embedding
WHERE workspace_id = %s AND space_id = %s AND text_hash = ANY(%s)
UNION ALL
SELECT text_hash, vector::text, true FROM ingestion_unpublishedvector
WHERE document_id = ANY(%s) AND space_id = %s AND text_hash = ANY(%s)
"""
UNPUBLISHED_AGE: Final = timedelta(days=7)  # Retries of a failed document come sooner.


@dataclass(frozen=True, slots=True)
class KnownVectors:
    """The known vectors of a space by the hashes of their texts."""

    space: EmbeddingSpace | None = None
    vectors: Mapping[bytes, Vector] = field(default_factory=dict)
    has_unpublished: bool = False
    """Whether some were kept by a failed try."""


def hash_of(text: str) -> bytes:
    """Return the hash by which equal texts are found."""
    return blake2b(text.encode(errors="replace"), digest_size=16).digest()


def known_vectors(
    documents: Sequence[Document], model: str, hashes: Collection[bytes]
) -> KnownVectors:
    """Return the known vectors of `model` for texts of one workspace, by the hashes of the texts."""
    space = current_space(model)
    if space is None:
        return KnownVectors()
    with connection.cursor() as cursor:
        ids = [document.pk for document in documents]
        cursor.execute(
            _KNOWN, [documents[0].workspace_id, space.pk, list(hashes), ids, space.pk, list(hashes)]
        )
        rows = cursor.fetchall()
    vectors = {
        bytes(text_hash): array("f", json.loads(vector)) for text_hash, vector, _unpublished in rows
    }
    return KnownVectors(space, vectors, any(unpublished for *_row, unpublished in rows))


def keep_for_another_try(
    document: Document, space: EmbeddingSpace, vectors: Mapping[bytes, Vector]
) -> None:
    """Store vectors of a document that is not ready yet."""
    UnpublishedVector.objects.bulk_create(
        UnpublishedVector(document=document, space=space, text_hash=text_hash, vector=list(vector))
        for text_hash, vector in vectors.items()
    )


def forget(document: Document) -> None:
    """Delete the stored vectors of a document that is being published."""
    UnpublishedVector.objects.filter(document=document)._raw_delete(connection.alias)


def purge() -> int:
    """Delete stored vectors that no retry has used, and return how many."""
    old = UnpublishedVector.objects.filter(created__lt=timezone.now() - UNPUBLISHED_AGE)
    return old._raw_delete(connection.alias)
