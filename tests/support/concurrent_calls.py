"""Calls at the same moment, each in a thread with its own connection, that meet between a check and its write."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from types import ModuleType

import pytest
from django.db import connection

from web.exceptions import Refusal


def run_together(*calls: Callable[[], object]) -> list[Refusal]:
    """Run each call in a thread; return the refusals."""

    def run(call: Callable[[], object]) -> Refusal | None:
        try:
            call()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(calls)) as threads:
        return [refusal for refusal in threads.map(run, calls) if refusal]


def wait_for_each_other(monkeypatch: pytest.MonkeyPatch, module: ModuleType, check: str) -> None:
    """Have two calls meet after their check, unless a lock keeps the second one from it."""
    checked, together = getattr(module, check), Barrier(2)

    def waiting(*given: object) -> object:
        result = checked(*given)
        with suppress(BrokenBarrierError):
            together.wait(0.5)
        return result

    monkeypatch.setattr(module, check, waiting)
