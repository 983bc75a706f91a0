"""The database from asynchronous code: the one way to call synchronous database work there.

`database_sync_to_async` of Channels gives its connection back after each call; the default of running everything in one
thread would serve the whole server one query at a time, hence the bounded pool of threads.
"""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 16  # Fewer than the connections of the pool, so that plain views are never starved.
_executor = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="database")


def in_database(function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Return an awaitable version of `function`, run in a thread with a connection of its own."""
    wrapped: Callable[P, Awaitable[T]] = database_sync_to_async(function, thread_sensitive=False, executor=_executor)
    return wrapped
