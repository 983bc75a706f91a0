"""Vectors that are there already: of equal texts in the same workspace and space, and of the same documents' last try.

A new version keeps the vectors of what it did not change, a copy has those of its original, and a worker that takes
over a book goes on where the other one was stopped. Nothing is looked for beyond the workspace, though equal texts have
equal vectors everywhere: how long a document takes must not tell what others have. What is deleted leaves no vector
behind, so there is no store beside the index that would have to be cleared.

A built-in model is as quick as a look into the database; nothing of this is done for it.
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
KEPT_FOR: Final = timedelta(days=7)  # Whoever tries a failed document again does so sooner.


@dataclass(frozen=True, slots=True)
class KnownVectors:
    """The vectors of a space that need not be made, by the hashes of their texts."""

    space: EmbeddingSpace | None = None
    vectors: Mapping[bytes, Vector] = field(default_factory=dict)
    has_unpublished: bool = False
    """Whether some were kept by a failed try."""


def hash_of(text: str) -> bytes:
    """Return what stands for a text in comparisons."""
    return blake2b(text.encode(errors="replace"), digest_size=16).digest()


def known_vectors(documents: Sequence[Document], model: str, hashes: Collection[bytes]) -> KnownVectors:
    """Return what is there of the vectors that `model` would make for documents of one workspace."""
    space = current_space(model)
    if space is None:
        return KnownVectors()
    with connection.cursor() as cursor:
        ids = [document.pk for document in documents]
        cursor.execute(_KNOWN, [documents[0].workspace_id, space.pk, list(hashes), ids, space.pk, list(hashes)])
        rows = cursor.fetchall()
    vectors = {bytes(text_hash): array("f", json.loads(vector)) for text_hash, vector, _unpublished in rows}
    return KnownVectors(space, vectors, any(unpublished for *_row, unpublished in rows))


def keep_for_another_try(document: Document, space: EmbeddingSpace, vectors: Mapping[bytes, Vector]) -> None:
    """Keep vectors of a document that is not ready yet."""
    UnpublishedVector.objects.bulk_create(
        UnpublishedVector(document=document, space=space, text_hash=text_hash, vector=list(vector))
        for text_hash, vector in vectors.items()
    )


def forget(document: Document) -> None:
    """Delete what was kept for another try: the document has its vectors."""
    UnpublishedVector.objects.filter(document=document)._raw_delete(connection.alias)


def purge() -> int:
    """Delete what was kept for a try that nobody makes, and return how much."""
    old = UnpublishedVector.objects.filter(created__lt=timezone.now() - KEPT_FOR)
    return old._raw_delete(connection.alias)
