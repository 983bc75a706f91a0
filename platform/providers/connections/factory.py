"""Creates the client of a connection, or of a protocol and an address, without a request."""

from typing import Final, Literal

from django.conf import settings
from django.utils.translation import gettext_noop as _

from providers.exceptions import ProviderRefused
from providers.http.timeouts import DEFAULT_TIMEOUTS, Timeouts
from providers.models import Connection
from providers.protocols import ModelServer
from web.sentences import Sentence

CHECK_SECONDS: Final = 20.0
"""The longest wait for a first token while an administrator watches a check."""


def server_of(connection: Connection, *, for_check: bool = False) -> ModelServer:
    """Return the model server; raises `ProviderRefused` for a parse server or a lost key.

    `for_check` limits each wait to CHECK_SECONDS.
    """
    if connection.parses:
        sentence = _("The connection “%(name)s” is a parse server and has no models.")
        raise ProviderRefused(Sentence(sentence, {"name": connection.name}), code="no_models")
    key = connection.api_key
    if key is None:
        sentence = _(
            "The API key of the connection “%(name)s” is lost. An administrator must enter it again."
        )
        raise ProviderRefused(Sentence(sentence, {"name": connection.name}), code="key_lost")
    longest_wait = CHECK_SECONDS if for_check else float("inf")
    timeouts = Timeouts(
        connect=settings.MODEL_CONNECT_SECONDS,
        first_token=min(settings.MODEL_FIRST_TOKEN_SECONDS, longest_wait),
        silence=min(settings.MODEL_SILENCE_SECONDS, longest_wait),
    )
    return server_for(connection.protocol, connection.base_url, key, timeouts)


def server_for(
    protocol: Literal["ollama", "openai"],
    base_url: str,
    api_key: str = "",
    timeouts: Timeouts = DEFAULT_TIMEOUTS,
) -> ModelServer:
    """Return the server at an address. It holds no sockets, so each call may create one."""
    # Imported here: a process without connections needs none of the HTTP modules.
    from providers.http.client import ServerClient
    from providers.ollama.server import Ollama
    from providers.openai_compatible.client import OpenAIServerClient
    from providers.openai_compatible.server import OpenAICompatible

    if protocol == "ollama":
        return Ollama(ServerClient(Ollama.address(base_url), api_key, timeouts))
    return OpenAICompatible(
        OpenAIServerClient(OpenAICompatible.address(base_url), api_key, timeouts)
    )
