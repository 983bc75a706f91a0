"""Identifiers: UUIDv7, which sort by creation time, so that an index grows at its end."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """Return a fresh, time-ordered identifier (RFC 9562, version 7)."""
    return uuid7()
