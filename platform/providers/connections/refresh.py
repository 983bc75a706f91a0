"""Refreshes the lists of models, so that new servers and newly loaded models appear.

A refresh sends a request to a model only if the connection was never checked or its last check
failed.
"""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from providers.connections.checks import check, failure, save_results
from providers.connections.discovery import save_models
from providers.connections.factory import server_of
from providers.exceptions import ProviderError
from providers.models import Connection

REFRESH_INTERVAL: Final = timedelta(minutes=10)


def refresh_model_lists() -> None:
    """Refresh the connections whose models were last seen more than REFRESH_INTERVAL ago.

    A connection whose server does not answer is tried again by the next call.
    """
    due_before = timezone.now() - REFRESH_INTERVAL
    for connection in (
        Connection.objects.enabled().of_models().exclude(offered__last_seen__gt=due_before)
    ):
        try:
            save_models(connection, server_of(connection).found_models())
        except ProviderError as error:
            save_results(connection, [failure(error)])
            continue
        if connection.checked is None or not connection.is_well:
            check(connection)
