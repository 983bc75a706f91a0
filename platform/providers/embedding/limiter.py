"""Turns at a connection: how many batches of texts it is asked to embed at once, over all threads of this process.

A server that is asked for more than it can do answers later or not at all, and one workspace's load
would stand in the way of another's single document. A search takes no turn: see `client`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from django.conf import settings


@contextmanager
def batch_slot(model: str) -> Iterator[None]:
    """Wait for a turn at the connection of `model`, and have it while the block runs."""
    with _slots(model.partition("/")[0], settings.EMBEDDINGS_AT_ONCE):
        yield


@cache
def _slots(connection: str, at_once: int) -> BoundedSemaphore:
    return BoundedSemaphore(max(1, at_once))
