"""The set-up code is required of each request that may have come through a proxy."""

import json
import socket
import subprocess
import sys

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from accounts.sign_in.setup import needs_code

LOCAL = {"HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "127.0.0.1"}
CLIENT = """
import json, socket, sys
host, port, listens = json.loads(sys.argv[1])
with socket.create_server((listens, 0)) if listens else socket.socket():
    with socket.create_connection((host, port)) as connection:
        print(json.dumps(connection.getsockname()), flush=True)
        sys.stdin.read()
"""


def asks(**more: str) -> bool:
    return needs_code(RequestFactory().get("/setup/", **{**LOCAL, **more}))


def test_a_browser_on_this_machine_needs_no_code():
    assert not asks()
    assert not asks(HTTP_CONNECTION="keep-alive", HTTP_UPGRADE_INSECURE_REQUESTS="1")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "localhost"])
def test_each_loopback_name_needs_no_code(host):
    assert not asks(HTTP_HOST=host, REMOTE_ADDR="::1")


@pytest.mark.parametrize(
    "signs",
    [
        {"SERVER_PROTOCOL": "HTTP/1.0"},
        {"HTTP_CONNECTION": "upgrade"},
        {"HTTP_CONNECTION": "Keep-Alive, Upgrade"},
        {"HTTP_UPGRADE": "websocket"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_X_FORWARDED_SERVER": "room"},
        {"HTTP_X_REAL_IP": "192.0.2.7"},
        {"HTTP_X_CLIENT_IP": "192.0.2.7"},
        {"HTTP_CF_CONNECTING_IP": "192.0.2.7"},
        {"HTTP_TAILSCALE_USER_LOGIN": "eve"},
        {"HTTP_HOST": "room.example.org"},
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "unknown"},
    ],
)
def test_each_sign_of_a_proxy_or_another_machine_requires_the_code(signs, settings):
    settings.ALLOWED_HOSTS = ["*"]

    assert asks(**signs)


def test_http_1_0_requires_the_code_under_asgi():
    request = AsyncRequestFactory().get("/setup/")
    request.META["HTTP_HOST"] = "localhost:8000"
    assert not needs_code(request)

    request.scope["http_version"] = "1.0"
    assert needs_code(request)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PUBLIC_URL", "http://room.example.org"), ("TRUSTED_PROXIES", ["127.0.0.1"])],
)
def test_a_server_configured_for_a_proxy_always_requires_the_code(settings, name, value):
    setattr(settings, name, value)

    assert asks()


@pytest.mark.parametrize(
    ("listens", "asked"), [("", False), ("127.0.0.1", False), ("0.0.0.0", True)]
)
def test_a_publicly_reachable_server_requires_the_code(listens, asked):
    with socket.create_server(("127.0.0.1", 0)) as server:
        given = json.dumps([*server.getsockname(), listens])
        with subprocess.Popen(
            [sys.executable, "-c", CLIENT, given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as client:
            try:
                address, port = json.loads(client.stdout.readline())
                assert asks(REMOTE_ADDR=address, REMOTE_PORT=str(port)) is asked
            finally:
                client.stdin.close()
