"""The database from asynchronous code: the one way to call synchronous database work there.

`database_sync_to_async` of Channels gives its connection back after each call; the default of running everything in one
thread would serve the whole server one query at a time, hence the bounded pool of threads.
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

THREADS = 8  # Fewer than the connections of the pool; more of them would only wait for each other's turn at Python.
# None, for tests in a transaction, runs everything in the thread of the test, which alone sees what it has written.
threads: ThreadPoolExecutor | None = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="database")


def in_database(function: Callable[P, T], *, pool: ThreadPoolExecutor | None = None) -> Callable[P, Awaitable[T]]:
    """Return an awaitable version of `function`, run in a thread with a connection of its own.

    `pool` is for work that must not take the threads of everybody else.
    """
    if threads is None:
        return sync_to_async(function, thread_sensitive=True)
    wrapped: Callable[P, Awaitable[T]] = database_sync_to_async(
        function, thread_sensitive=False, executor=pool or threads
    )
    return wrapped


def release_connection() -> None:
    """Give the connection of this thread back to its pool before work that takes its time without it.

    Outside a transaction, and only where there is a pool: closing any other connection would end its session and its
    advisory locks, such as the one that a preparation holds while it creates the first administrator.
    """
    if "pool" in connection.settings_dict["OPTIONS"] and not connection.in_atomic_block:
        connection.close()


async def give_back_connection() -> None:
    """Give back the connection with which middleware looked at the session, before a response that takes its time.

    The next request of this caller may begin meanwhile.
    """
    end_turn()
    if threads is not None:
        await aclose_old_connections()
