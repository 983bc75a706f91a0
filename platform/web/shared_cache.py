"""The cache of all processes: Redis, or each process's memory while Redis is unreachable.

Failed sign-ins are thus counted across processes, and sign-in works without Redis.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS: Final = 1.0


class SharedCache(RedisCache):
    """Django's Redis cache with a fallback for the methods that this project uses."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        timeouts = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
        super().__init__(server, {**params, "OPTIONS": {**timeouts, **params.get("OPTIONS", {})}})

    def get(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Return a value."""
        return self._with_fallback(super().get, "get", key, *rest, **more)

    def set(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Set a value."""
        return self._with_fallback(super().set, "set", key, *rest, **more)

    def add(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Set a value unless the key exists."""
        return self._with_fallback(super().add, "add", key, *rest, **more)

    def incr(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Increment a value."""
        return self._with_fallback(super().incr, "incr", key, *rest, **more)

    def delete(self, key: Any, *rest: Any, **more: Any) -> Any:
        """Delete a value."""
        return self._with_fallback(super().delete, "delete", key, *rest, **more)

    def _with_fallback(
        self, shared: Callable[..., Any], name: str, *words: Any, **more: Any
    ) -> Any:
        try:
            return shared(*words, **more)
        except RedisError as error:
            logger.warning("Redis is away, so this process counts for itself: %s", error)
            return getattr(caches["process_memory"], name)(*words, **more)
