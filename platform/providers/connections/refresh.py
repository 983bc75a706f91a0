"""Looks from time to time what model servers offer, so that a server that came later, or a model loaded there, is seen.

Little is asked: no model is made to work but where a connection was never checked, or works again.
"""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from providers.connections.checks import check, keep, trouble
from providers.connections.discovery import take_in
from providers.connections.factory import server_of
from providers.exceptions import ProviderError
from providers.models import Connection

EVERY: Final = timedelta(minutes=10)


def look_again() -> None:
    """Ask the servers that have not been asked for a while; those that do not answer are asked more often."""
    seen_lately = timezone.now() - EVERY
    for connection in Connection.objects.enabled().of_models().exclude(offered__last_seen__gt=seen_lately):
        _look(connection)


def _look(connection: Connection) -> None:
    try:
        take_in(connection, server_of(connection).found_models())
    except ProviderError as error:
        keep(connection, [trouble(error)])
        return
    if connection.checked is None or not connection.is_well:
        check(connection)
