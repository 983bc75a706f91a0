"""Tells workers that there is something to do. A message is only that: if it is lost, a timer finds the rows."""

import logging
from typing import Final

from celery import current_app
from django.db import connection
from kombu.exceptions import KombuError

from workspaces.models import Workspace

logger = logging.getLogger(__name__)

_WAITING: Final = """
SELECT count(*) FROM (
    SELECT FROM ingestion_document WHERE workspace_id = %s AND status = 'queued' AND due <= statement_timestamp()
    LIMIT %s
) waiting
"""

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
    with connection.cursor() as cursor:  # Run for every upload, so as it is.
        cursor.execute(_WAITING, [workspace.pk, added + 1])
        waiting: int = cursor.fetchone()[0]
    if waiting <= added:
        wake_workers()
