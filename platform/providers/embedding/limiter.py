"""Limit of concurrent batches of a connection, over all threads of this process.

An overloaded server answers late or not at all, and the load of one workspace would delay a single
document of another. Searches have no limit, see `client`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from django.conf import settings


@contextmanager
def batch_slot(model: str) -> Iterator[None]:
    """Wait for a slot of the connection of `model`, and hold it while the block runs."""
    with _slots(model.partition("/")[0], settings.EMBEDDINGS_AT_ONCE):
        yield


@cache
def _slots(connection: str, at_once: int) -> BoundedSemaphore:
    return BoundedSemaphore(max(1, at_once))
