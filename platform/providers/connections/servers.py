"""Makes the one who speaks to a model server, whatever its protocol. Which servers there are is not decided here."""

from typing import Literal

from providers.http.client import Wire
from providers.http.timeouts import DEFAULT, Timeouts
from providers.ollama.server import Ollama
from providers.openai_compatible.client import OpenAIWire
from providers.openai_compatible.server import OpenAICompatible
from providers.protocols import ModelServer

__all__ = ["Timeouts", "server_for"]


def server_for(
    kind: Literal["ollama", "openai"], base_url: str, api_key: str = "", timeouts: Timeouts = DEFAULT
) -> ModelServer:
    """Return a server at this address. Nothing is sent yet; it may be made anew for every question."""
    if kind == "ollama":
        return Ollama(Wire(Ollama.address(base_url), api_key, timeouts))
    return OpenAICompatible(OpenAIWire(OpenAICompatible.address(base_url), api_key, timeouts))
