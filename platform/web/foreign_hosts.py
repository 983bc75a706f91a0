"""Limits the log of requests for foreign host names, which anyone can send."""

import logging
import time

MAX_LINE_CHARACTERS = 300


class RateLimitFilter(logging.Filter):
    """Passes one record a minute, with the number of suppressed records before it.

    Tracebacks are removed.
    """

    INTERVAL_SECONDS = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._next_at = 0.0
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log `record`, which is cut to one short line."""
        if time.monotonic() < self._next_at:
            self._left_out += 1
            return False
        self._next_at = time.monotonic() + self.INTERVAL_SECONDS
        more = f" ({self._left_out} more since the last line)" if self._left_out else ""
        self._left_out = 0
        record.msg, record.args = ascii(record.getMessage()[:MAX_LINE_CHARACTERS])[1:-1] + more, ()
        record.exc_info = record.exc_text = None
        return True
