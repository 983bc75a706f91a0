"""Few requests of one caller begin at once; requests of other callers do not wait."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from web.asgi import request_turns
from web.asgi.request_turns import REQUESTS_PER_CALLER, RequestTurns, end_turn


class Application:
    """Records started requests; each waits for `gate` after its `step`."""

    def __init__(self, step: Any) -> None:
        self.begun: list[str] = []
        self.gate = asyncio.Event()
        self._step = step

    async def __call__(self, scope, receive, send) -> None:
        self.begun.append(scope["path"])
        await self._step(send)
        await self.gate.wait()


async def nothing(send) -> None:
    """Keep the turn."""


async def start_response(send) -> None:
    await send({"type": "http.response.start", "status": 200})


async def wait_for_a_model(send) -> None:
    end_turn()


async def fail(send) -> None:
    raise ValueError("gone")


def request(
    path: str, headers: Iterable[tuple[bytes, bytes]] = (), host: str = "192.0.2.1"
) -> dict[str, Any]:
    return {"type": "http", "path": path, "headers": list(headers), "client": (host, 1)}


async def begun(requests: Iterable[dict[str, Any]], step: Any = nothing) -> list[str]:
    """Send all requests concurrently; return those that begin before any of them ends."""
    app = Application(step)

    async def send(message: dict[str, Any]) -> None:
        pass

    turns = RequestTurns(app)
    tasks = [asyncio.create_task(turns(scope, None, send)) for scope in requests]
    for _step in range(5 * len(tasks)):
        await asyncio.sleep(0)
    seen = list(app.begun)
    app.gate.set()
    await asyncio.wait(tasks)
    assert len(app.begun) == len(tasks)
    return seen


MANY = [request(f"/{number}") for number in range(3 * REQUESTS_PER_CALLER)]


async def test_requests_of_one_caller_begin_in_order_and_in_limited_number():
    assert await begun(MANY) == [f"/{number}" for number in range(REQUESTS_PER_CALLER)]


@pytest.mark.parametrize(
    "other",
    [
        request("/other", host="192.0.2.2"),
        request("/other", [(b"authorization", b"Bearer rr_other")]),
        request("/other", [(b"cookie", b"theme=dark; reading_room_session_8000=other")]),
    ],
    ids=["address", "token", "session"],
)
async def test_a_request_of_another_caller_begins_at_once(settings, other):
    settings.SESSION_COOKIE_NAME = "reading_room_session_8000"

    assert "/other" in await begun([*MANY, other])


async def test_requests_with_one_token_count_as_one_caller_from_any_address():
    token = [(b"authorization", b"Bearer rr_one")]
    requests = [
        request(f"/{number}", token, f"192.0.2.{number}")
        for number in range(3 * REQUESTS_PER_CALLER)
    ]

    assert len(await begun(requests)) == REQUESTS_PER_CALLER


@pytest.mark.parametrize("step", [start_response, wait_for_a_model, fail])
async def test_a_turn_ends_with_the_start_of_the_response_a_wait_or_an_error(step):
    assert len(await begun(MANY, step)) == len(MANY)


async def test_a_turn_ends_after_the_maximum_duration(monkeypatch):
    monkeypatch.setattr(request_turns, "MAX_TURN_SECONDS", 0)

    assert len(await begun(MANY)) == len(MANY)


async def test_end_turn_outside_a_request_frees_no_slot():
    end_turn()

    assert len(await begun(MANY)) == REQUESTS_PER_CALLER
