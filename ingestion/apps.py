"""The Django app `ingestion` and its reactions to other apps."""

from typing import Any

from django.apps import AppConfig

from embedded.signals import database_prepared


class IngestionConfig(AppConfig):
    """Documents, and how they become an index."""

    name = "ingestion"

    def ready(self) -> None:
        """Connect the receivers."""
        database_prepared.connect(_requeue_after_upgrade)


def _requeue_after_upgrade(**kwargs: Any) -> None:
    # Workers look at the queue when they start, so no message is needed.
    from ingestion.queue.claims import requeue_after_upgrade

    requeue_after_upgrade()
