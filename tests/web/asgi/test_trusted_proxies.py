"""Client address and scheme are accepted from listed proxies only."""

import asyncio
import logging
from typing import Any

import pytest

from config import env
from web.asgi.trusted_proxies import TrustedProxies

FORWARDED = ((b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https"))


def seen(
    trusted: list[str], client: str, *headers: tuple[bytes, bytes], kind: str = "http"
) -> tuple[str, str]:
    """Return client address and scheme in the scope of the application."""
    found: list[dict[str, Any]] = []

    async def app(scope, receive, send):
        found.append(scope)

    scheme = "ws" if kind == "websocket" else "http"
    scope = {"type": kind, "client": (client, 5000), "scheme": scheme, "headers": list(headers)}
    asyncio.run(TrustedProxies(app, trusted)(scope, None, None))
    return found[0]["client"][0], found[0]["scheme"]


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "192.0.2.1", "::ffff:127.0.0.1"])
def test_headers_of_an_unlisted_client_are_ignored(client):
    assert seen([], client, *FORWARDED) == (client.removeprefix("::ffff:"), "http")


@pytest.mark.parametrize("client", ["127.0.0.1", "::ffff:127.0.0.1", "10.1.2.3"])
def test_headers_of_a_listed_proxy_set_address_and_scheme(client):
    assert seen(["127.0.0.1", "10.0.0.0/8"], client, *FORWARDED) == ("203.0.113.9", "https")
    assert seen(["127.0.0.1", "10.0.0.0/8"], client, *FORWARDED, kind="websocket") == (
        "203.0.113.9",
        "wss",
    )


def test_an_address_forged_by_the_client_is_ignored():
    invented = (b"x-forwarded-for", b"198.51.100.1, 203.0.113.9, 10.0.0.7")

    assert seen(["10.0.0.0/8"], "10.0.0.8", invented)[0] == "203.0.113.9"


def test_an_unlisted_proxy_is_logged_once(caplog):
    async def app(scope, receive, send):
        pass

    proxied = TrustedProxies(app, [])
    scope = {
        "type": "http",
        "client": ("192.0.2.1", 5000),
        "scheme": "http",
        "headers": list(FORWARDED),
    }
    with caplog.at_level(logging.WARNING):
        for _time in range(3):
            asyncio.run(proxied({**scope}, None, None))

    assert [record.getMessage() for record in caplog.records] == [
        "X-Forwarded-For of 192.0.2.1 is ignored; if that is your proxy, add it to TRUSTED_PROXIES."
    ]


def test_an_invalid_network_is_named(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1, public")

    with pytest.raises(Exception, match="TRUSTED_PROXIES takes ranges"):
        env.networks("TRUSTED_PROXIES")
