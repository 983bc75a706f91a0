"""Celery tasks of ingestion. Each finds its work in the rows and may run twice."""

import logging
from collections.abc import Callable
from functools import wraps

from celery import shared_task
from django.db import InterfaceError, OperationalError

from ingestion.documents import purging
from ingestion.documents.services import requeue_outdated
from ingestion.index import active_space, hnsw
from ingestion.models import Document
from ingestion.queue import claims
from ingestion.queue.wakeup import wake_workers
from ingestion.sources import materialize, partial_uploads
from ingestion.sources.background import aside
from ingestion.sources.folders import services as folders
from ingestion.sources.folders import sync
from ingestion.sources.web import pages
from ingestion.storage import integrity
from ingestion.worker import loop
from workspaces.models import Workspace

logger = logging.getLogger(__name__)


def _at_another_time_without_database(function: Callable[[], None]) -> Callable[[], None]:
    """Log one line and end the task if the database is unreachable; the timetable repeats it."""

    @wraps(function)
    def task() -> None:
        try:
            function()
        except (OperationalError, InterfaceError):
            logger.warning(
                "The database cannot be reached; %s comes again later.", function.__name__
            )

    return task


@shared_task
@_at_another_time_without_database
def index_waiting_documents() -> None:
    """Index documents until none is due; lost or doubled messages do no harm.

    One message may stand for many documents, so the worker wakes another while more are due.
    """
    loop.index_waiting(wake_another=wake_workers)


@shared_task
@_at_another_time_without_database
def maintain_pages() -> None:
    """Fetch the web pages that are due again."""
    if pages.due().exists():
        aside("pages", materialize.fetch_due)


@shared_task
@_at_another_time_without_database
def maintain_folders() -> None:
    """Find changed files in watched folders."""
    if folders.due().exists():
        aside("folders", sync.follow_due)


@shared_task
@_at_another_time_without_database
def maintain_queue() -> None:
    """Wake workers for documents that were forgotten, abandoned or postponed and are due."""
    if claims.due().exists():
        wake_workers()


@shared_task
@_at_another_time_without_database
def maintain_makes() -> None:
    """Queue documents that were indexed under other settings, and purge vectors of old models."""
    ready = Document.objects.filter(status=Document.Status.READY)
    for workspace in Workspace.objects.filter(
        deleted__isnull=True, pk__in=ready.values("workspace")
    ):
        requeue_outdated(workspace, also_failed=False)
        active_space.purge_old_vectors(workspace)


@shared_task
@_at_another_time_without_database
def maintain_workspaces() -> None:
    """Purge deleted workspaces."""
    purging.purge_deleted_workspaces()


@shared_task
@_at_another_time_without_database
def maintain_near_indexes() -> None:
    """Build the vector indexes of large workspaces."""
    hnsw.maintain_near_indexes()


@shared_task
@_at_another_time_without_database
def maintain_bytes() -> None:
    """Purge bytes without a document, and abandoned uploads."""
    purging.purge_bytes()
    partial_uploads.purge()


@shared_task
@_at_another_time_without_database
def maintain_digests() -> None:
    """Check some of the stored bytes for damage on the disk."""
    integrity.check_oldest()
