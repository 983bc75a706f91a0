"""The cache that all processes share: Redis, and each process's own memory while Redis is away.

So who guesses passwords is slowed down wherever they ask, and who knows theirs can sign in whatever happens.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
PATIENCE: Final = 1.0


class SharedCache(RedisCache):
    """As much of a cache as is needed here: numbers that are counted, looked at and forgotten."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
        super().__init__(server, {**params, "OPTIONS": {**patience, **params.get("OPTIONS", {})}})

    def get(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Look at a value."""
        return self._or_meanwhile(super().get, "get", key, *rest, **more)

    def set(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Put a value."""
        return self._or_meanwhile(super().set, "set", key, *rest, **more)

    def add(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Put a value unless there is one."""
        return self._or_meanwhile(super().add, "add", key, *rest, **more)

    def incr(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Count."""
        return self._or_meanwhile(super().incr, "incr", key, *rest, **more)

    def delete(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Forget a value."""
        return self._or_meanwhile(super().delete, "delete", key, *rest, **more)

    def _or_meanwhile(self, shared: Callable[..., Any], name: str, *words: Any, **more: Any) -> Any:
        try:
            return shared(*words, **more)
        except RedisError as error:
            logger.warning("Redis is away, so this process counts for itself: %s", error)
            return getattr(caches["meanwhile"], name)(*words, **more)
