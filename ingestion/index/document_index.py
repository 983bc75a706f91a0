"""Entries of the index for documents as wholes, beside their chunks: one row of `DocumentTerms` each.

Writers lock the row of the document before its entry.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Max

from ingestion.document_terms import Identity, text_weights, title_page
from ingestion.lexical_terms import sparse_vector
from ingestion.models import Chunk, Document, DocumentTerms

IndexedDocument = tuple[Document, str, str, Counter[str]]
"""A document with its title, its title page, and the counted terms of its chunks."""


def write_entries(indexed: Sequence[IndexedDocument]) -> None:
    """Replace the entries of documents under their present names; the caller has locked their rows.

    A document without terms gets no entry.
    """
    pks = [document.pk for document, *_ in indexed]
    DocumentTerms.objects.filter(document__in=pks)._raw_delete(connection.alias)
    names = dict(Document.objects.filter(pk__in=pks).values_list("pk", "name"))
    DocumentTerms.objects.bulk_create(
        entry_of(document, Identity(names[document.pk], title, beginning), counted)
        for document, title, beginning, counted in indexed
        if counted
    )


def entry_of(document: Document, identity: Identity, counted: Counter[str]) -> DocumentTerms:
    """Return the entry, not saved, of a document with these terms in all its chunks."""
    weights = text_weights(counted, salt=document.workspace_id.int)
    return DocumentTerms(
        document=document,
        workspace_id=document.workspace_id,
        text_terms=list(weights),
        text_weights=sparse_vector(weights),
        **_identity_fields(document, identity),
    )


def rename_entry(document: Document) -> None:
    """Write the terms of a document's new name; the caller has locked its row."""
    chunks = Chunk.objects.filter(document=document).order_by("position")
    length = chunks.aggregate(length=Max("end"))["length"] or 0
    beginning = title_page(chunks.values_list("text", flat=True).iterator(chunk_size=8), length)
    identity = Identity(document.name, document.title, beginning)
    DocumentTerms.objects.filter(document=document).update(**_identity_fields(document, identity))


def _identity_fields(document: Document, identity: Identity) -> dict[str, Any]:
    weights = identity.weights(salt=document.workspace_id.int)
    return {
        "identity_terms": list(weights),
        "identity_weights": sparse_vector(weights),
        "period": identity.newest_period(),
    }
