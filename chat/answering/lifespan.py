"""From the start of a server process to its end: orphans of a server that died are ended, and our own answers saved.

An ASGI application for the lifespan protocol, wired in `config.asgi`.
"""

import asyncio
import logging
from typing import Any, Final

from django.conf import settings
from django.db import Error as DatabaseError

from chat.answering import running_answers
from chat.answering.events.redis_relay import close_relay, open_relay
from chat.answering.service import shut_down
from chat.answering.storage.orphans import SILENT_FOR, interrupt_orphans
from providers.models import Connection
from providers.openai_compatible import client
from web.database import in_database

logger = logging.getLogger(__name__)
# After how many seconds the library for OpenAI-compatible servers is loaded: when the start is over.
LOAD_AFTER: Final = 10.0
SWEEP_EVERY: Final = SILENT_FOR.total_seconds() / 2


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Sweep from the start of the server on; at its end give the answers being written their last words."""
    await receive()
    background = [asyncio.create_task(_sweep()), asyncio.create_task(_load_openai())]
    await open_relay(settings.REDIS_URL)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for task in background:
        task.cancel()
    await shut_down()
    await close_relay()
    await send({"type": "lifespan.shutdown.complete"})


async def _load_openai() -> None:
    """Load the library for OpenAI-compatible servers if there is one, so that no question waits for it."""
    await asyncio.sleep(LOAD_AFTER)
    try:
        wanted = await in_database(Connection.objects.enabled().filter(kind=Connection.Kind.OPENAI).exists)()
    except DatabaseError:
        return  # The first question loads it.
    if wanted:
        await asyncio.to_thread(client.load)


async def _sweep() -> None:
    """End orphans, again and again: those of a server that died a moment ago are not silent for long enough yet."""
    while True:
        try:
            await in_database(interrupt_orphans)(except_for=[str(a.asked.id) for a in running_answers.unended()])
        except DatabaseError as error:
            logger.warning("Could not look for answers that nobody writes any more: %s", error)
        await asyncio.sleep(SWEEP_EVERY)
