"""Unpacks an archive in a test, and reads its members."""

from ingestion.models import Document
from ingestion.pipeline.indexing import index
from ingestion.queue import claims

KEEPER = b"The keeper trims the wick every four hours."
FOG = b"The fog horn sounds once a minute."


def unpack(document: Document) -> Document:
    """Index `document` before all other queued documents."""
    Document.objects.exclude(pk=document.pk).update(due="2999-01-01T00:00Z")
    index(claims.claim_next())
    Document.objects.update(due="2020-01-01T00:00Z")
    document.refresh_from_db()
    return document


def members(archive: Document) -> dict[str, bytes]:
    """Return the digest of each member by its name."""
    return {member.name: member.blob_id for member in archive.members.order_by("name")}
