"""The Django app `workspaces` and its reactions to other apps."""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

from providers.signals import connection_deleted, defaults_changed

if TYPE_CHECKING:
    from accounts.models import User


class WorkspacesConfig(AppConfig):
    """Workspaces and their members."""

    name = "workspaces"

    def ready(self) -> None:
        """Connect the receivers."""
        connection_deleted.connect(_forget_connection)
        defaults_changed.connect(_announce_changed_defaults)


def _forget_connection(slug: str, by: "User", **kwargs: Any) -> None:
    from workspaces.services import forget_connection

    forget_connection(slug, by=by)


def _announce_changed_defaults(names: list[str], **kwargs: Any) -> None:
    from workspaces.services import announce_changed_defaults

    announce_changed_defaults(names)
