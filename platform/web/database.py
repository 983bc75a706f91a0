"""Database work from asynchronous code, in a bounded pool of threads.

Django's default runs all of it in one thread, one query at a time for the whole server.
`database_sync_to_async` of Channels returns the connection to the pool after each call.
"""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from channels.db import aclose_old_connections, database_sync_to_async
from django.db import connection

from web.asgi.request_turns import end_turn

P = ParamSpec("P")
T = TypeVar("T")

# Fewer than the connections of the pool. More threads would compete for the interpreter lock.
THREAD_COUNT = 8
# Tests set None, which runs all work in the calling thread, because no other thread sees the
# test's transaction.
threads: ThreadPoolExecutor | None = ThreadPoolExecutor(
    max_workers=THREAD_COUNT, thread_name_prefix="database"
)


def in_database(
    function: Callable[P, T], *, pool: ThreadPoolExecutor | None = None
) -> Callable[P, Awaitable[T]]:
    """Return an awaitable version of `function`, which runs in a thread with its own connection.

    `pool` keeps slow work from occupying the shared threads.
    """
    if threads is None:
        return sync_to_async(function, thread_sensitive=True)
    wrapped: Callable[P, Awaitable[T]] = database_sync_to_async(
        function, thread_sensitive=False, executor=pool or threads
    )
    return wrapped


def release_connection() -> None:
    """Return the connection of this thread to its pool before slow work that does not need it.

    Does nothing within a transaction or without a pool: closing an unpooled connection would end
    its session and its advisory locks, such as the lock of the preparation.
    """
    if "pool" in connection.settings_dict["OPTIONS"] and not connection.in_atomic_block:
        connection.close()


async def give_back_connection() -> None:
    """Return the connection that middleware used for the session, before a slow response.

    Also ends the caller's turn, so that the next request of the caller may begin.
    """
    end_turn()
    if threads is not None:
        await aclose_old_connections()
