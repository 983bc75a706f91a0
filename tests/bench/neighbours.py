"""What a flood by some costs everyone else: requests of a neighbour, timed one by one while the flood lasts."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from urllib.error import HTTPError

from bench.answering import spread

PAUSE_SECONDS = 0.05


@contextmanager
def neighbour(request: Callable[[], object]) -> Iterator[list[float]]:
    """Repeat `request` while the block runs; yield the list of the seconds that each takes."""
    seconds: list[float] = []
    over = Event()

    def repeat() -> None:
        while not over.is_set():
            began = time.monotonic()
            request()
            seconds.append(time.monotonic() - began)
            over.wait(PAUSE_SECONDS)

    thread = Thread(target=repeat)
    thread.start()
    try:
        yield seconds
    finally:
        over.set()
        thread.join()


def flood(name: str, calls: Sequence[Callable[[], object]], request: Callable[[], object]) -> None:
    """Make all `calls` at once and print how they ended, and how long `request` of a neighbour took meanwhile."""
    with ThreadPoolExecutor(len(calls)) as threads, neighbour(request) as seconds:
        time.sleep(0.5)
        seconds.clear()
        began = time.monotonic()
        ended = Counter(threads.map(_status, calls))
        took = time.monotonic() - began
    print(
        f"{name}: {dict(ended)} in {took:.1f} s; {len(seconds)} requests of a neighbour meanwhile {spread(seconds)}",
        flush=True,
    )


def _status(call: Callable[[], object]) -> int:
    try:
        call()
    except HTTPError as error:
        with error:
            return error.code
    return 200
