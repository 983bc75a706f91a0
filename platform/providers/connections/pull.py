"""Pulls a model on an Ollama server and streams the progress.

Closing the stream stops the pull. Ollama keeps the downloaded part and continues from there at the
next pull.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from providers.connections.discovery import save_models
from providers.connections.factory import server_of
from providers.exceptions import ProviderError, ProviderRefused
from providers.http.refusals import excerpt
from providers.models import Connection
from web.database import in_database
from web.exceptions import DatabaseAway, Refusal
from web.sentences import Sentence

PULL_SILENCE_SECONDS = 300.0


async def pulled(connection: Connection, model: str) -> AsyncIterator[dict[str, Any]]:
    """Yield `status`, `completed` and `total` (bytes) of a pull; at the end `done` or `error`."""
    try:
        async with aclosing(_progress(connection, model)) as told:
            async for step in told:
                yield step
        # The call waits for the server, so it must not occupy a thread of database work.
        found = await asyncio.to_thread(server_of(connection).found_models)
        await in_database(save_models)(connection, found)
    except ProviderError as error:
        yield {"error": {"code": error.code, "message": str(error)}}
    except DatabaseError:
        away = DatabaseAway()
        yield {"error": {"code": away.code, "message": str(away)}}
    else:
        yield {"status": "success", "done": True}


def refuse_other_kinds(connection: Connection) -> None:
    """Raise `Refusal` for servers that cannot pull models."""
    if connection.kind != Connection.Kind.OLLAMA:
        raise Refusal(
            _(
                "Only Ollama supports model downloads from here. Load the model on the server, then test the"
                " connection."
            ),
            code="cannot_pull",
        )
    if connection.api_key is None:
        raise Refusal(_("Enter the API key of this connection again."), code="key_lost", status=409)


async def _progress(connection: Connection, model: str) -> AsyncGenerator[dict[str, Any]]:
    from providers.http.client import ServerClient
    from providers.http.timeouts import StreamTimer, Timeouts
    from providers.ollama.server import Ollama

    limits = Timeouts(first_token=PULL_SILENCE_SECONDS, silence=PULL_SILENCE_SECONDS)
    client = ServerClient(Ollama.address(connection.base_url), connection.api_key or "", limits)
    timer = StreamTimer(limits)
    lines = client.lines("/api/pull", {"model": model, "stream": True}, timer, model=model)
    async with aclosing(lines):
        async for block in lines:
            for line in block:
                timer.token_arrived()
                if step := _step(line, client.faults.key):
                    yield step


def _step(line: bytes, key: str) -> dict[str, Any]:
    """Return the progress in one line; raises `ProviderRefused` for an error."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    if error := told.get("error"):
        words = gettext_noop("The server could not download this model: %(said)s.")
        raise ProviderRefused(
            Sentence(words, {"said": excerpt(str(error), key).rstrip(".")}), code="pull_failed"
        )
    step = {name: told[name] for name in ("completed", "total") if isinstance(told.get(name), int)}
    return ({"status": excerpt(str(told["status"]), key)} if "status" in told else {}) | step
