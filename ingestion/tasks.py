"""Celery entry points for ingestion. None takes arguments: each looks for its work in the rows, and may run twice."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError

from ingestion import purging, queue, spaces, work
from ingestion.models import Document
from ingestion.services import requeue_outdated
from ingestion.waking import wake_workers
from workspaces.models import Workspace

logger = logging.getLogger(__name__)


@shared_task
def index_waiting_documents() -> None:
    """Index documents until none is due. A message that is lost or doubled changes nothing: the rows decide."""
    try:
        work.index_waiting()
    except (OperationalError, InterfaceError):
        logger.warning("The database cannot be reached; documents wait until it can.")


@shared_task
def maintain_queue() -> None:
    """Wake workers for documents that were forgotten, abandoned or postponed and are due."""
    if queue.due().exists():
        wake_workers()


@shared_task
def maintain_makes() -> None:
    """Have documents made again that were indexed under other settings than those that hold now."""
    ready = Document.objects.filter(status=Document.Status.READY)
    for workspace in Workspace.objects.filter(deleted__isnull=True, pk__in=ready.values("workspace")):
        requeue_outdated(workspace)


@shared_task
def maintain_workspaces() -> None:
    """Purge workspaces that were deleted."""
    purging.purge_deleted_workspaces()


@shared_task
def maintain_near_indexes() -> None:
    """Give large workspaces an index over their vectors."""
    spaces.maintain_near_indexes()


@shared_task
def maintain_bytes() -> None:
    """Purge bytes that no document has."""
    purging.purge_bytes()
