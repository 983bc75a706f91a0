"""Incomplete requests, silent bodies and surplus connections are closed."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
import uvicorn

from embedded.processes import http_protocol
from embedded.processes.http_protocol import LimitedHttp
from web.asgi.connection_limit import ConnectionLimit
from web.asgi.trusted_proxies import TrustedProxies

HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-"
WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def echo(scope, receive, send):
    """Answer with the number of received bytes."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more = message["more_body"]
    body = str(size).encode()
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def endless(scope, receive, send):
    """Start a response that ends when the client disconnects."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b".", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


@pytest.fixture
def port(monkeypatch) -> Iterator[int]:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(http_protocol, "BODY_SILENCE_SECONDS", 0.4)
    with serving(echo) as port:
        yield port


@contextmanager
def serving(app: Any) -> Iterator[int]:
    """Serve an application while the block runs; yield the port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    config = uvicorn.Config(
        app,
        http=LimitedHttp,
        lifespan="off",
        proxy_headers=False,
        log_level="error",
        ws="none",
        timeout_keep_alive=30,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def connect(port: int, sent: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
    client.sendall(sent)
    return client


def said(client: socket.socket) -> bytes:
    """Return all data until the server closes the connection."""
    content = b""
    with client:
        try:
            while block := client.recv(4096):
                content += block
        except ConnectionResetError:
            pass
    return content


def answer(client: socket.socket) -> bytes:
    """Return the status line without waiting for the end of the connection."""
    return client.recv(4096).partition(b"\r\n")[0]


@pytest.mark.parametrize("sent", [b"", b"\r\n", HALF])
def test_a_connection_without_a_complete_head_is_closed(port, sent):
    began = time.monotonic()

    said(connect(port, sent))

    assert time.monotonic() - began < 5


@pytest.mark.parametrize("sent", [b"\r\n", HALF])
def test_an_incomplete_head_after_a_response_closes_the_connection(port, sent):
    client = connect(port, WHOLE)
    answer(client)
    began = time.monotonic()
    client.sendall(sent)

    said(client)

    assert time.monotonic() - began < 5


def test_a_head_sent_byte_by_byte_does_not_extend_the_timeout(port):
    client = connect(port, HALF)
    client.setblocking(False)
    began = time.monotonic()
    with suppress(BrokenPipeError, ConnectionResetError), client:
        while time.monotonic() - began < 8:
            client.send(b"a")
            time.sleep(0.05)

    assert time.monotonic() - began < 8


def test_a_slow_body_is_read_to_its_end(port):
    with connect(port, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n") as client:
        for _ in range(10):
            time.sleep(0.1)
            client.sendall(b"x")

        assert client.recv(4096).endswith(b"10")


def test_silence_within_a_body_closes_the_connection(port):
    client = connect(port, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nxxx")

    assert said(client) == b""


def test_a_new_connection_replaces_the_longest_waiting_one(port, monkeypatch):
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 60)
    monkeypatch.setattr(http_protocol, "max_connections", lambda: 5)
    with ExitStack() as held:
        halves = [held.enter_context(connect(port, HALF)) for _ in range(30)]

        for _ in range(3):
            with connect(port, WHOLE) as honest:
                assert answer(honest) == b"HTTP/1.1 200 OK"
        assert said(halves[0]).startswith(b"HTTP/1.1 503")


def test_connections_of_one_address_are_limited(port, monkeypatch, settings):
    settings.CONNECTIONS_PER_ADDRESS = 3
    monkeypatch.setattr(http_protocol, "is_counted", lambda host: host == "127.0.0.1")
    with ExitStack() as held:
        first = [held.enter_context(connect(port, WHOLE)) for _ in range(3)]
        assert [answer(client) for client in first] == [b"HTTP/1.1 200 OK"] * 3

        assert said(connect(port)).startswith(b"HTTP/1.1 503")

        monkeypatch.setattr(http_protocol, "is_counted", lambda host: False)
        assert answer(held.enter_context(connect(port, WHOLE))) == b"HTTP/1.1 200 OK"


def test_addresses_of_one_ipv6_network_share_the_limit_of_connections(port, monkeypatch, settings):
    settings.CONNECTIONS_PER_ADDRESS = 2
    monkeypatch.setattr(http_protocol, "is_counted", lambda host: True)
    monkeypatch.setattr(http_protocol, "client_of", lambda host: "2001:db8::/64")
    with ExitStack() as held:
        first = [held.enter_context(connect(port, WHOLE, f"127.0.0.{number}")) for number in (1, 2)]
        assert [answer(client) for client in first] == [b"HTTP/1.1 200 OK"] * 2

        assert said(connect(port, source="127.0.0.3")).startswith(b"HTTP/1.1 503")


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", True),
        ("2001:db8::1", True),
        ("::ffff:192.0.2.7", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("10.1.2.3", False),
        ("", False),
    ],
)
def test_only_clients_other_than_proxies_and_loopback_are_counted(settings, host, counted):
    settings.TRUSTED_PROXIES = ["10.1.0.0/16"]
    http_protocol.is_counted.cache_clear()

    assert http_protocol.is_counted(host) is counted
    http_protocol.is_counted.cache_clear()


@pytest.mark.parametrize(
    ("trusted", "third"),
    [(["127.0.0.0/8"], b"HTTP/1.1 503 Service Unavailable"), ([], b"HTTP/1.1 200 OK")],
)
def test_connections_through_a_listed_proxy_are_counted_by_the_forwarded_address(
    settings, trusted, third
):
    settings.TRUSTED_PROXIES = trusted
    http_protocol.is_counted.cache_clear()

    def forwarded(host: str) -> socket.socket:
        head = f"GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {host}\r\n\r\n"
        return held.enter_context(connect(port, head.encode()))

    with serving(TrustedProxies(ConnectionLimit(endless, 2), trusted)) as port, ExitStack() as held:
        for _ in range(2):
            assert answer(forwarded("203.0.113.9")) == b"HTTP/1.1 200 OK"

        assert answer(forwarded("203.0.113.9")) == third
        assert answer(forwarded("203.0.113.8")) == b"HTTP/1.1 200 OK"
    http_protocol.is_counted.cache_clear()
