"""Removes documents from the index, and the members of archives.

Callers have locked the rows in a transaction, so that a worker about to publish waits and then
finds no row.
"""

from django.db import connection
from django.db.models import QuerySet

from ingestion.models import Chunk, Document, DocumentTerms, Embedding
from ingestion.parsing.formats import ARCHIVES


def take_out(*documents: Document) -> None:
    """Remove documents from the index before their deletion, and delete members of archives."""
    if archives := [document for document in documents if document.media_type in ARCHIVES]:
        delete_members(Document.objects.filter(archive__in=archives))
    delete_from_index(*documents)


def delete_members(members: "QuerySet[Document]") -> None:
    """Delete members of an archive; their bytes are purged once unused."""
    held = list(members.order_by("id").select_for_update().only("pk"))
    if held:
        delete_from_index(*held)
        Document.objects.filter(pk__in=[member.pk for member in held]).delete()


def delete_from_index(*documents: Document) -> None:
    """Delete the chunks, vectors and entries of documents by three statements."""
    delete_chunks(*documents)
    DocumentTerms.objects.filter(document__in=documents)._raw_delete(connection.alias)


def delete_chunks(*documents: Document) -> None:
    """Delete the chunks and vectors of documents by two statements."""
    chunks = Chunk.objects.filter(document__in=documents)
    Embedding.objects.filter(chunk__in=chunks)._raw_delete(connection.alias)
    chunks._raw_delete(connection.alias)
