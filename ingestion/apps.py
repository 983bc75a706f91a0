"""The Django app `ingestion` and its reactions to other apps."""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

from embedded.signals import database_prepared, doctor_checks_requested
from providers.signals import connection_deleted
from workspaces.signals import workspace_changed

if TYPE_CHECKING:
    from accounts.models import User
    from embedded.health.doctor import Check
    from workspaces.models import Workspace


class IngestionConfig(AppConfig):
    """Documents and their index."""

    name = "ingestion"

    def ready(self) -> None:
        """Connect the receivers."""
        database_prepared.connect(_requeue_after_upgrade)
        workspace_changed.connect(_requeue_outdated)
        connection_deleted.connect(_forget_connection)
        doctor_checks_requested.connect(_doctor_checks)


def _requeue_after_upgrade(**kwargs: Any) -> None:
    # Workers look at the queue when they start, so no message is needed.
    from ingestion.queue.claims import requeue_after_upgrade

    requeue_after_upgrade()


def _requeue_outdated(workspace: "Workspace", **kwargs: Any) -> None:
    from ingestion.documents.services import requeue_outdated

    requeue_outdated(workspace)


def _forget_connection(slug: str, by: "User", **kwargs: Any) -> None:
    from ingestion.pipeline.parse_servers import forget_connection

    forget_connection(slug, by=by)


def _doctor_checks(**kwargs: Any) -> "list[Check]":
    from ingestion.doctor import isolation, office, originals

    return [originals, isolation, office]
