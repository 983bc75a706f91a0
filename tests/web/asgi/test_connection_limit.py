"""Concurrent requests and WebSockets of one forwarded address are limited."""

import asyncio
from typing import Any

import pytest

from web.asgi.connection_limit import ConnectionLimit


async def answers(most: int, scopes: list[dict[str, Any]]) -> list[str]:
    """Open all connections to an application that waits; return the result of each."""
    gate = asyncio.Event()

    async def app(scope, receive, send):
        await gate.wait()
        await send({"type": "served"})

    limit = ConnectionLimit(app, most)
    ended: list[str] = ["" for _ in scopes]

    async def opened(at: int) -> None:
        async def send(message: dict[str, Any]) -> None:
            ended[at] = ended[at] or str(
                message.get("status") or message.get("code") or message["type"]
            )

        await limit(scopes[at], None, send)

    tasks = [asyncio.create_task(opened(at)) for at in range(len(scopes))]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)
    assert not limit._open
    return ended


def scope(host: str, kind: str = "http") -> dict[str, Any]:
    return {"type": kind, "client": (host, 1)}


@pytest.mark.parametrize(("kind", "refusal"), [("http", "503"), ("websocket", "1013")])
def test_connections_beyond_the_limit_of_an_address_are_refused(kind, refusal):
    scopes = [scope("203.0.113.9", kind)] * 3 + [scope("203.0.113.8", kind)]

    assert asyncio.run(answers(2, scopes)) == ["served", "served", refusal, "served"]


def test_addresses_of_one_ipv6_network_share_a_limit():
    scopes = [scope(f"2001:db8:1:2::{number}") for number in range(1, 4)] + [
        scope("2001:db8:1:3::1")
    ]

    assert asyncio.run(answers(2, scopes)) == ["served", "served", "503", "served"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", ""])
def test_loopback_is_not_counted(host):
    assert asyncio.run(answers(1, [scope(host)] * 3)) == ["served"] * 3


def test_the_lifespan_scope_is_passed_on():
    assert asyncio.run(answers(1, [{"type": "lifespan"}])) == ["served"]
