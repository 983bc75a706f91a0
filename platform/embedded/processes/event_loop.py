"""Waiting, in one thread, for whatever comes first: output of a child, the end of one, a signal to us."""

import selectors
import signal
import socket
from types import FrameType

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Loop:
    """What the supervisor waits with. Files registered in `selector` carry the function to call as their data."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.stop_requests = 0
        self._waker, self._woken = socket.socketpair()
        for end in (self._waker, self._woken):
            end.setblocking(False)

    def hear_signals(self) -> None:
        """From now on count requests to stop, and wake up for those and for children that end."""
        self.selector.register(self._woken, selectors.EVENT_READ, self._drain)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN or number is signal.SIGTERM:
                signal.signal(number, self._on_stop)

    def wait(self, seconds: float) -> None:
        """Wait at most so long, and do what has come up."""
        for key, _events in self.selector.select(max(seconds, 0.0)):
            key.data()

    def close(self) -> None:
        """Close what we wait with."""
        self.selector.close()
        self._waker.close()
        self._woken.close()

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_requests += 1

    def _drain(self) -> None:
        self._woken.recv(4096)
