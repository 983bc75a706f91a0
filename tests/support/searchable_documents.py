"""Documents whose chunks a search finds by their words, without a worker."""

from support.factories import make_document

from ingestion.lexical_terms import document_weights, sparse_vector
from ingestion.models import Document
from workspaces.models import Workspace


def make_searchable(
    workspace: Workspace, name: str, *texts: str, **chunk_fields: object
) -> Document:
    """Create a document with one chunk for each text; `chunk_fields` are set on every chunk."""
    document = make_document(workspace, name, chunks=texts)
    for chunk in document.chunks.all():
        weights = document_weights(chunk.text, salt=workspace.pk.int)
        chunk.terms = list(weights)
        chunk.weights = sparse_vector(weights)
        for field, value in chunk_fields.items():
            setattr(chunk, field, value)
        chunk.save()
    return document
