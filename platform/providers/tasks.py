"""Periodic tasks of connections."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError

from providers.connections.refresh import refresh_model_lists

logger = logging.getLogger(__name__)


@shared_task
def maintain_models() -> None:
    """Refresh the lists of models."""
    try:
        refresh_model_lists()
    except (OperationalError, InterfaceError):
        logger.warning("The database cannot be reached; model servers are asked again later.")
