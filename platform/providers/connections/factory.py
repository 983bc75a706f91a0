"""From a connection's row to the server that it leads to. Nothing is sent here."""

from django.conf import settings
from django.utils.translation import gettext_noop as _

from providers.exceptions import ProviderRefused
from providers.models import Connection
from providers.protocols import ModelServer
from web.sentences import Sentence

CHECK_SECONDS = 20.0
"""How long a check waits for a first token: a person looks on."""


def server_of(connection: Connection, *, hurried: bool = False) -> ModelServer:
    """Return the model server; raises `ProviderRefused` for a parse server, and where the key is lost.

    `hurried` limits each wait to CHECK_SECONDS, for a person who watches.
    """
    if connection.parses:
        sentence = _("The connection “%(name)s” is a parse server and has no models.")
        raise ProviderRefused(Sentence(sentence, {"name": connection.name}), code="no_models")
    key = connection.api_key
    if key is None:
        sentence = _("The API key of the connection “%(name)s” is lost. An administrator must enter it again.")
        raise ProviderRefused(Sentence(sentence, {"name": connection.name}), code="key_lost")
    return _made(connection, key, hurried=hurried)


def _made(connection: Connection, key: str, *, hurried: bool) -> ModelServer:
    # Without connections no process needs what it takes to speak to servers.
    from providers.connections.servers import Timeouts, server_for

    most = CHECK_SECONDS if hurried else float("inf")
    timeouts = Timeouts(
        connect=settings.MODEL_CONNECT_SECONDS,
        first_token=min(settings.MODEL_FIRST_TOKEN_SECONDS, most),
        silence=min(settings.MODEL_SILENCE_SECONDS, most),
    )
    return server_for(connection.wire, connection.base_url, key, timeouts)
