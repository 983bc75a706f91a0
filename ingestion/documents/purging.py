"""Clears away what nobody needs any more: deleted workspaces, bytes without a document, files that a crash left.

Everything here may be stopped at any point and run again.
"""

from django.db import transaction

from ingestion.advisory_lock import alone
from ingestion.index import vector_cache
from ingestion.index.removal import delete_chunks
from ingestion.models import Document
from ingestion.storage import blobs, parse_cache
from workspaces.models import Workspace

LOCK = 0x70757267
BATCH = 200  # Documents deleted in one transaction: short enough to disturb nobody.


def purge_deleted_workspaces() -> int:
    """Delete workspaces that were deleted as far as anybody can see, and return how many; one process at a time."""
    with alone(LOCK) as free:
        deleted = list(Workspace.objects.filter(deleted__isnull=False)) if free else []
        for workspace in deleted:
            purge_workspace(workspace)
    return len(deleted)


def purge_workspace(workspace: Workspace) -> None:
    """Delete a workspace with everything in it, its documents bit by bit."""
    while _purge_some_documents(workspace):
        pass
    workspace.delete()


@transaction.atomic
def _purge_some_documents(workspace: Workspace) -> bool:
    documents = Document.objects.filter(workspace=workspace).order_by("id")
    some = list(documents.select_for_update().only("pk")[:BATCH])
    if some:
        delete_chunks(*some)
        Document.objects.filter(pk__in=[document.pk for document in some]).delete()
    return bool(some)


def purge_bytes() -> int:
    """Delete bytes that no document has, files that nobody knows, and what was kept for nobody to ask for."""
    forgotten = blobs.purge_forgotten()
    return blobs.purge_unused() + forgotten + parse_cache.purge() + vector_cache.purge()
