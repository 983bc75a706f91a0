"""Takes documents out of the index, and with an archive what came out of it.

Whoever calls holds the rows, in a transaction: a worker about to publish waits, and then finds nothing to publish to.
"""

from django.db import connection
from django.db.models import QuerySet

from ingestion.models import Chunk, Document, Embedding
from ingestion.parsing.formats import ARCHIVES


def take_out(*documents: Document) -> None:
    """Take documents out of the index before they are deleted, with what came out of those that are archives."""
    if archives := [document for document in documents if document.media_type in ARCHIVES]:
        delete_members(Document.objects.filter(archive__in=archives))
    delete_chunks(*documents)


def delete_members(members: "QuerySet[Document]") -> None:
    """Delete documents that came out of an archive; their bytes go when unused."""
    held = list(members.order_by("id").select_for_update().only("pk"))
    if held:
        delete_chunks(*held)
        Document.objects.filter(pk__in=[member.pk for member in held]).delete()


def delete_chunks(*documents: Document) -> None:
    """Take documents out of the index, two statements however many chunks they have."""
    chunks = Chunk.objects.filter(document__in=documents)
    Embedding.objects.filter(chunk__in=chunks)._raw_delete(connection.alias)
    chunks._raw_delete(connection.alias)
