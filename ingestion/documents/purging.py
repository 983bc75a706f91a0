"""Deletes deleted workspaces for good, bytes without a document, files that a crash left.

Every function may be stopped at any point and run again.
"""

from django.db import transaction

from ingestion.index import vector_cache
from ingestion.index.removal import delete_from_index
from ingestion.models import Document
from ingestion.storage import blobs, parse_cache
from web.locks import JobLock, try_lock
from workspaces.models import Workspace

PURGE_BATCH_SIZE = 200  # Documents in one transaction, short enough not to hold up other work.


def purge_deleted_workspaces() -> int:
    """Delete the rows of deleted workspaces, and return how many; one process at a time."""
    with try_lock(JobLock.PURGE) as is_held:
        deleted = list(Workspace.objects.filter(deleted__isnull=False)) if is_held else []
        for workspace in deleted:
            purge_workspace(workspace)
    return len(deleted)


def purge_workspace(workspace: Workspace) -> None:
    """Delete a workspace with everything in it, its documents in batches."""
    while _purge_some_documents(workspace):
        pass
    workspace.delete()


@transaction.atomic
def _purge_some_documents(workspace: Workspace) -> bool:
    documents = Document.objects.filter(workspace=workspace).order_by("id")
    some = list(documents.select_for_update().only("pk")[:PURGE_BATCH_SIZE])
    if some:
        delete_from_index(*some)
        Document.objects.filter(pk__in=[document.pk for document in some]).delete()
    return bool(some)


def purge_bytes() -> int:
    """Delete unused bytes, files without a row, and outdated parsed texts and unpublished vectors.

    Returns their number.
    """
    forgotten = blobs.purge_forgotten()
    return blobs.purge_unused() + forgotten + parse_cache.purge() + vector_cache.purge()
