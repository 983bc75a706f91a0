"""The log of requests for host names that are not served here, kept short, since anyone can send them."""

import logging
import time

LONGEST_LINE = 300


class FewLines(logging.Filter):
    """Lets one record a minute through, without its traceback, and says how many were left out before it."""

    SECONDS = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._next_at = 0.0
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log `record`, which becomes one short line."""
        if time.monotonic() < self._next_at:
            self._left_out += 1
            return False
        self._next_at = time.monotonic() + self.SECONDS
        more = f" ({self._left_out} more since the last line)" if self._left_out else ""
        self._left_out = 0
        record.msg, record.args = ascii(record.getMessage()[:LONGEST_LINE])[1:-1] + more, ()
        record.exc_info = record.exc_text = None
        return True
