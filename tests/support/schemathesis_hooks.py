"""Told to schemathesis by SCHEMATHESIS_HOOKS: how to send a media type that it does not know."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def raw_bytes(_context: Any, value: Any) -> Any:
    """Send bytes as they are."""
    return {"data": value if isinstance(value, bytes) else str(value).encode()}
