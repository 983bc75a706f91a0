"""Entries of the index for documents as wholes, beside their chunks: one row of `DocumentTerms` each."""

from collections import Counter

from ingestion.document_terms import Identity, text_weights, title_page
from ingestion.lexical_terms import sparse_vector
from ingestion.models import Chunk, Document, DocumentTerms


def entry_of(
    document: Document, title: str, beginning: str, counted: Counter[str]
) -> DocumentTerms:
    """Return the entry, not saved, of a document with these terms; `beginning` is its title page."""
    weights = text_weights(counted, salt=document.workspace_id.int)
    entry = DocumentTerms(
        document=document,
        workspace_id=document.workspace_id,
        text_terms=list(weights),
        text_weights=sparse_vector(weights),
    )
    _identify(entry, Identity(document.name, title, beginning))
    return entry


def rename_entry(document: Document) -> None:
    """Write the terms of a document's new name; a document without chunks has no entry."""
    entry = DocumentTerms.objects.filter(document=document).first()
    if entry:
        chunks = Chunk.objects.filter(document=document).order_by("position")
        beginning = title_page(chunks.values_list("text", flat=True).iterator(chunk_size=8))
        _identify(entry, Identity(document.name, document.title, beginning))
        entry.save(update_fields=["identity_terms", "identity_weights", "period"])


def _identify(entry: DocumentTerms, identity: Identity) -> None:
    weights = identity.weights(salt=entry.workspace_id.int)
    entry.identity_terms, entry.identity_weights = list(weights), sparse_vector(weights)
    entry.period = identity.newest_period()
