"""SearchTrace: the time of each stage of a search and its counts, shown to users who ask about a result."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class SearchTrace:
    """Notes and times of one search. The clock starts with the trace."""

    def __init__(self, query: str, mode: str) -> None:
        self._began = time.perf_counter()
        self._notes: dict[str, Any] = {"query": query, "mode": mode}
        self._ms: dict[str, float] = {}

    def note(self, **notes: Any) -> None:
        """Add notes."""
        self._notes |= notes

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the time of a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._ms[name] = _milliseconds(began)

    def as_json(self) -> dict[str, Any]:
        """Return the notes with the milliseconds of each stage and the total."""
        return {**self._notes, "ms": {"total": _milliseconds(self._began), **self._ms}}


def _milliseconds(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
