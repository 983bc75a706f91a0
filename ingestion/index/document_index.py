"""Entries of the index for documents as wholes, beside their chunks: one row of `DocumentTerms` each.

Writers lock the row of the document before its entry.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Max

from ingestion.document_terms import Identity, text_weights, title_page
from ingestion.lexical_terms import sparse_vector
from ingestion.models import Chunk, Document, DocumentTerms

if TYPE_CHECKING:
    from ingestion.pipeline.chunking import TextChunk

IndexedDocument = tuple[Document, str, Sequence["TextChunk"], Counter[str]]
"""A document with its title, chunks and the counted terms of all chunks."""


def write_entries(indexed: Sequence[IndexedDocument]) -> None:
    """Replace the entries of documents under their present names; the caller has locked their rows."""
    pks = [document.pk for document, *_ in indexed]
    DocumentTerms.objects.filter(document__in=pks)._raw_delete(connection.alias)
    names = dict(Document.objects.filter(pk__in=pks).values_list("pk", "name"))
    DocumentTerms.objects.bulk_create(
        entry_of(
            document,
            Identity(
                names[document.pk],
                title,
                title_page((chunk.text for chunk in chunks), chunks[-1].end),
            ),
            counted,
        )
        for document, title, chunks, counted in indexed
        if chunks
    )


def entry_of(document: Document, identity: Identity, counted: Counter[str]) -> DocumentTerms:
    """Return the entry, not saved, of a document with these terms in all its chunks."""
    salt = document.workspace_id.int
    in_text, identifying = text_weights(counted, salt=salt), identity.weights(salt=salt)
    return DocumentTerms(
        document=document,
        workspace_id=document.workspace_id,
        text_terms=list(in_text),
        text_weights=sparse_vector(in_text),
        identity_terms=list(identifying),
        identity_weights=sparse_vector(identifying),
        period=identity.newest_period(),
    )


def rename_entry(document: Document) -> None:
    """Write the terms of a document's new name; the caller has locked its row."""
    chunks = Chunk.objects.filter(document=document).order_by("position")
    length = chunks.aggregate(length=Max("end"))["length"] or 0
    beginning = title_page(chunks.values_list("text", flat=True).iterator(chunk_size=8), length)
    identity = Identity(document.name, document.title, beginning)
    weights = identity.weights(salt=document.workspace_id.int)
    DocumentTerms.objects.filter(document=document).update(
        identity_terms=list(weights),
        identity_weights=sparse_vector(weights),
        period=identity.newest_period(),
    )
