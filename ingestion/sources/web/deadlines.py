"""The time limit of a fetch over all its requests."""

import time

from ingestion.errors.fetching import SLOW, FetchFailed


class Deadline:
    """The time at which a fetch must end."""

    def __init__(self, seconds: float, host: str) -> None:
        self.seconds = seconds
        self.host = host
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left; raises `FetchFailed` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.missed()
        return left

    def missed(self) -> FetchFailed:
        """Return the error for a fetch over its time limit."""
        return FetchFailed(SLOW, host=self.host, seconds=round(self.seconds))
