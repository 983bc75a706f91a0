"""The listening socket, errors of its opening, and the probe of the web server."""

import selectors
import socket
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from embedded.exceptions import CannotStart
from embedded.processes.listener import Probe, listen
from embedded.processes.options import SupervisorOptions


@pytest.fixture
def options(tmp_path) -> SupervisorOptions:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return SupervisorOptions(tmp_path, "127.0.0.1", port, "", False, "1")


def test_a_port_in_use_is_refused_with_advice(options):
    with listen(options), pytest.raises(CannotStart) as refused:
        listen(options)

    port = options.port
    assert str(refused.value) == (
        f"Port {port} on 127.0.0.1 is in use by another program."
        f" Stop that program, or choose another port: PORT={port + 1}."
    )


@pytest.mark.parametrize("host", ["192.0.2.7", "no-such-host.invalid"])
def test_an_address_that_cannot_be_opened_is_refused(options, host):
    with pytest.raises(CannotStart, match=f"cannot listen on port {options.port} of {host} "):
        listen(replace(options, host=host))


def test_connections_wait_until_a_web_server_accepts(options):
    selector = selectors.DefaultSelector()
    with listen(options) as listener:
        probe = Probe(listener, selector)
        probe.send()
        probe.send()
        assert not probe.answered()

        server, _address = listener.accept()
        assert server.recv(1000).startswith(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        server.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        selector.select(5)

        assert probe.answered()
        server.close()


def test_a_broken_connection_allows_another_request(options):
    selector = selectors.DefaultSelector()
    with listen(options) as listener:
        probe = Probe(listener, selector)
        probe.send()
        server, _address = listener.accept()
        server.close()
        selector.select(5)
        assert not probe.answered()

        probe.send()
        server, _address = listener.accept()
        server.sendall(b"HTTP/1.1 503 No\r\n\r\n")
        selector.select(5)

        assert probe.answered()
        server.close()


def test_a_full_queue_counts_as_no_answer_without_blocking(options, monkeypatch):
    monkeypatch.setattr("embedded.processes.listener.LISTEN_BACKLOG", 1)
    with listen(options) as listener, ExitStack() as held:
        for _ in range(8):  # The kernel accepts a few more than the backlog.
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((options.host, options.port))
        probe = Probe(listener, selectors.DefaultSelector())
        began = time.monotonic()
        probe.send()

        assert time.monotonic() - began < 5
        assert not probe.answered()
