"""The Django app `providers` and its receivers of other apps' signals."""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

from embedded.signals import doctor_checks_requested

if TYPE_CHECKING:
    from embedded.health.doctor import Check


class ProvidersConfig(AppConfig):
    """Model servers, built-in models and parse servers."""

    name = "providers"

    def ready(self) -> None:
        """Connect the receivers."""
        doctor_checks_requested.connect(_doctor_checks)


def _doctor_checks(**kwargs: Any) -> "list[Check]":
    from providers.connections.doctor import connections

    return [connections]
