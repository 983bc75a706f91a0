"""Checks of a reader's access while an answer or a file is streamed over HTTP or a WebSocket.

Every stream ends within five seconds after its reader loses access. The streaming code passes the
right to check; each check reads the user of the credentials from the database.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import Error as DatabaseError
from django.http import HttpRequest

from accounts.api.authentication import bearer, user_for_token
from accounts.callers import user_for_session
from accounts.models import User
from web.database import in_database
from web.exceptions import AccessEnded, is_database_away

logger = logging.getLogger(__name__)
CHECK_SECONDS = 4.0

Caller: TypeAlias = Callable[[], User | AnonymousUser]
MayRead: TypeAlias = Callable[[User | AnonymousUser], bool]


def caller_by_token(raw: str) -> Caller:
    """Return a function that looks up the user of this token."""
    return lambda: user_for_token(raw) or AnonymousUser()


def caller_by_session(key: str | None) -> Caller:
    """Return a function that looks up the user of this session."""
    return lambda: user_for_session(key) if key else AnonymousUser()


def caller_of(request: HttpRequest) -> Caller:
    """Return a function that looks up the user of the credentials in `request`."""
    raw = bearer(request.headers.get("Authorization", ""))
    return (
        caller_by_session(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        if raw is None
        else caller_by_token(raw)
    )


def watch(caller: Caller, may_read: MayRead) -> asyncio.Task[None]:
    """Return a task that ends when the caller may no longer read.

    Callers cancel it after the stream.
    """
    return asyncio.create_task(_watch(caller, may_read))


async def _watch(caller: Caller, may_read: MayRead) -> None:
    # A random delay spreads the checks of streams that began at the same time.
    await asyncio.sleep(random.uniform(0, CHECK_SECONDS))
    while True:
        if not await _may_still(caller, may_read):
            return
        await asyncio.sleep(CHECK_SECONDS)


async def _may_still(caller: Caller, may_read: MayRead) -> bool:
    try:
        return await in_database(lambda: may_read(caller()))()
    except DatabaseError as error:
        if is_database_away(error):  # While it is away, access cannot be revoked either.
            return True
        logger.exception("The right to read could not be looked up; the stream ends.")
        return False


@asynccontextmanager
async def while_allowed(caller: Caller, may_read: MayRead) -> AsyncIterator[None]:
    """Run the block while the caller may read; cancel it and raise `AccessEnded` otherwise."""
    task = asyncio.current_task()
    assert task is not None
    is_over = has_left = False

    def interrupt(over: asyncio.Task[None]) -> None:
        nonlocal is_over
        if not over.cancelled() and not has_left:
            is_over = True
            task.cancel()

    watching = watch(caller, may_read)
    watching.add_done_callback(interrupt)
    try:
        yield
    except asyncio.CancelledError:
        if is_over and not task.uncancel():
            raise AccessEnded from None
        raise
    finally:
        has_left = True
        watching.cancel()
