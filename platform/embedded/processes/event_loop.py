"""Waits in one thread for output of children, their exits, and signals."""

import selectors
import signal
import socket
from types import FrameType

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class EventLoop:
    """The supervisor's event loop. The data of a file registered in `selector` is its callback."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.stop_requests = 0
        self._waker, self._woken = socket.socketpair()
        for end in (self._waker, self._woken):
            end.setblocking(False)

    def hear_signals(self) -> None:
        """Start to count requests to stop, and wake up for them and for exits of children."""
        self.selector.register(self._woken, selectors.EVENT_READ, lambda: self._woken.recv(4096))
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN or number is signal.SIGTERM:
                signal.signal(number, self._on_stop)

    def wait(self, seconds: float) -> None:
        """Wait at most `seconds` and run the callbacks of ready files."""
        for key, _events in self.selector.select(max(seconds, 0.0)):
            key.data()

    def close(self) -> None:
        """Close the selector and its sockets."""
        self.selector.close()
        self._waker.close()
        self._woken.close()

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_requests += 1
