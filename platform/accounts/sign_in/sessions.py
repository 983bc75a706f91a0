"""Sessions in the database, queried only by well-formed keys, since a cookie may hold any text."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Django's store, which rejects keys that PostgreSQL cannot compare, such as NUL."""

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and len(key) >= 8 and key.isascii() and key.isalnum()
