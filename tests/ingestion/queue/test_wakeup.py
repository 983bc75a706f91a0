"""Wake-up messages to workers, merged for documents added in short order."""

import threading
import time

from ingestion.queue import wakeup
from ingestion.queue.wakeup import DebouncedWakeup


def rung(count: int, woken: list[str]) -> list[str]:
    """Wait for `count` messages and 0.1 seconds more; return all."""
    until = time.monotonic() + 5
    while len(woken) < count and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.1)
    return woken


def test_the_first_message_is_sent_at_once_and_later_ones_are_merged(woken):
    debounced = DebouncedWakeup(pause=0.05)

    debounced.notify()
    assert woken == [wakeup.INDEX_WAITING]

    for _ in range(20):
        debounced.notify()
    assert rung(2, woken) == [wakeup.INDEX_WAITING] * 2


def test_after_the_pause_messages_are_sent_at_once(woken):
    debounced = DebouncedWakeup(pause=0.01)

    for count in (1, 2, 3):
        debounced.notify()
        assert len(woken) == count
        time.sleep(0.02)


def test_concurrent_notifications_send_a_message(woken):
    debounced, begin = DebouncedWakeup(pause=0.05), threading.Barrier(8)

    def add() -> None:
        begin.wait()
        debounced.notify()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert woken
    assert rung(2, woken) == [wakeup.INDEX_WAITING] * 2


def test_a_timer_that_cannot_start_is_tolerated(woken, monkeypatch):
    def start(_timer: threading.Timer) -> None:
        raise RuntimeError("can't start new thread")

    debounced = DebouncedWakeup(pause=0.05)
    debounced.notify()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Timer, "start", start)
        debounced.notify()

    debounced.notify()

    assert rung(2, woken) == [wakeup.INDEX_WAITING] * 2
