"""Sessions in the database, asked for only by keys that we may have made: a cookie holds whatever its sender likes."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Django's own, but for keys: PostgreSQL refuses to be asked for some that a cookie can hold, such as NUL."""

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and len(key) >= 8 and key.isascii() and key.isalnum()
