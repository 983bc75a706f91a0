"""ASGI lifespan of a server process: ends orphaned answers, and saves own answers at shutdown.

Wired in `config.asgi`.
"""

import asyncio
import logging
from typing import Any, Final

from django.conf import settings
from django.db import Error as DatabaseError

from chat.answering import runner
from chat.answering.events.redis_relay import close_relay, open_relay
from chat.answering.service import shut_down
from chat.answering.storage.answer_store import ORPHANED_AFTER, interrupt_orphans
from providers.models import Connection
from providers.openai_compatible import client
from web.database import in_database

logger = logging.getLogger(__name__)
# An immediate import would slow down the start of the server.
OPENAI_LOAD_DELAY_SECONDS: Final = 10.0
SWEEP_INTERVAL_SECONDS: Final = ORPHANED_AFTER.total_seconds() / 2


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Start sweep and relay with the server; save the text of unfinished answers at shutdown."""
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
    """Import the library for OpenAI-compatible servers if a connection needs it.

    Otherwise the first question waits for the import.
    """
    await asyncio.sleep(OPENAI_LOAD_DELAY_SECONDS)
    try:
        wanted = await in_database(
            Connection.objects.enabled().filter(kind=Connection.Kind.OPENAI).exists
        )()
    except DatabaseError:
        return  # The first question loads the library.
    if wanted:
        await asyncio.to_thread(client.load)


async def _sweep() -> None:
    """End orphaned answers at an interval; answers become orphans seconds after a server dies."""
    while True:
        here = [str(answer.request.id) for answer in runner.unended_answers()]
        try:
            await in_database(interrupt_orphans)(except_for=here)
        except DatabaseError as error:
            logger.warning("Could not look for answers whose process has ended: %s", error)
        await asyncio.sleep(SWEEP_INTERVAL_SECONDS)
