"""From the start of a server process to its end: orphans of a server that died are ended, and our own answers saved.

An ASGI application for the lifespan protocol, wired in `config.asgi`.
"""

import asyncio
import logging
from typing import Any, Final

from django.conf import settings
from django.db import Error as DatabaseError

from chat.answering import running_here
from chat.answering.control import shut_down
from chat.answering.orphans import SILENT_FOR, interrupt_orphans
from chat.answering.relay import close_relay, open_relay
from web.database import in_database

logger = logging.getLogger(__name__)
SWEEP_EVERY: Final = SILENT_FOR.total_seconds() / 2


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Sweep from the start of the server on; at its end give the answers being written their last words."""
    await receive()
    sweeping = asyncio.create_task(_sweep())
    await open_relay(settings.REDIS_URL)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    sweeping.cancel()
    await shut_down()
    await close_relay()
    await send({"type": "lifespan.shutdown.complete"})


async def _sweep() -> None:
    """End orphans, again and again: those of a server that died a moment ago are not silent for long enough yet."""
    while True:
        try:
            await in_database(interrupt_orphans)(except_for=[str(a.asked.id) for a in running_here.unended()])
        except DatabaseError as error:
            logger.warning("Could not look for answers that nobody writes any more: %s", error)
        await asyncio.sleep(SWEEP_EVERY)
