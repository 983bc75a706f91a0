"""When a fetch has to be over, however many requests it takes."""

import time

from ingestion.errors.fetching import SLOW, FetchFailed


class Deadline:
    """When a fetch has to be over."""

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
        """Return what to say when the time is over."""
        return FetchFailed(SLOW, host=self.host, seconds=round(self.seconds))
