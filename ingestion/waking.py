"""Tells workers that there is something to do. A message is only that: if it is lost, a timer finds the rows."""

import logging

from celery import current_app
from django.db.models.functions import Now
from kombu.exceptions import KombuError

from ingestion.models import Document
from workspaces.models import Workspace

logger = logging.getLogger(__name__)

INDEX_WAITING = "ingestion.tasks.index_waiting_documents"


def wake_workers() -> None:
    """Say that documents wait."""
    wake(INDEX_WAITING)


def wake(task: str) -> None:
    """Send the message. Trouble with the broker is logged and no more: what is to be done is safe in its rows."""
    try:
        current_app.send_task(task, retry=False)
    except (KombuError, OSError) as error:
        logger.warning("Workers could not be told of %s; the timer will tell them: %s", task, error)


def wake_workers_for(workspace: Workspace, *, added: int) -> None:
    """Send the message after `added` documents came, unless others wait: whoever takes those comes back for these."""
    waiting = Document.objects.filter(workspace=workspace, status=Document.Status.QUEUED, due__lte=Now())
    if waiting[: added + 1].count() <= added:
        wake_workers()
