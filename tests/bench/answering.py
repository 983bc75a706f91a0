"""How soon an answer begins, and how evenly many of them come at once from one web process.

The floor for the streams is the model itself, listened to directly in this process at the same time
of day.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any

import psutil
import websockets
from support.process_killer import SLOW_MODEL
from support.running_server import Server, running

ASKED = "How many books may be borrowed at once?"
TEXT = "Rules of the library. Twelve books may be borrowed at once, for four weeks. Journals stay in the house.\n"
TIMES = 40
STREAMS = (1, 50, 100, 200)


def main() -> None:
    """Ask one by one, then all at once."""
    with running(PYTHONPATH=SLOW_MODEL) as server:
        token = server.token()
        slug = server.call("/api/v1/workspaces/", {"name": "Library"}, token)["slug"]
        server.upload(
            slug, [(f"rules-{n}.txt", f"Part {n}. {TEXT}".encode()) for n in range(100)], token
        )
        server.wait_until_indexed(slug, token)
        asyncio.run(first_words(server, slug, token))
        server.call(f"/api/v1/workspaces/{slug}/", {"chat_model": "slow/model"}, token, "PATCH")
        for number in STREAMS:
            asyncio.run(streams(server, slug, token, number))


async def first_words(server: Server, slug: str, token: str) -> None:
    """Measure from a question to the first word of an answer of builtin/extractive, over an open socket."""
    waits, totals = [], []
    for _time in range(TIMES):
        async with socket(server, conversation(server, slug, token), token) as wire:
            began = time.perf_counter()
            heard = [(time.perf_counter(), event) async for event in asked(wire)]
            waits.append(next(at for at, event in heard if event["type"] == "answer.delta") - began)
            totals.append(heard[-1][0] - began)
    print(
        f"first word of builtin/extractive: {spread(waits)}; whole answer: {spread(totals)}",
        flush=True,
    )


async def streams(server: Server, slug: str, token: str, number: int) -> None:
    """Follow `number` answers at 20 words a second at once, each over its own socket."""
    conversations = [conversation(server, slug, token) for _n in range(number)]
    web = web_process(server)
    used = sum(web.cpu_times()[:2])
    runs, floor = await asyncio.gather(
        asyncio.gather(*(one_stream(server, pk, token) for pk in conversations)), directly(number)
    )
    used = sum(web.cpu_times()[:2]) - used
    gaps = [b - a for times in runs for a, b in pairwise(times[1:])]
    words = sum(len(times) - 1 for times in runs)
    print(
        f"{number} streams: first word {spread([times[1] - times[0] for times in runs])}; gap {spread(gaps)}; "
        f"the model alone {spread(floor)}; {used / words * 1000:.2f} s of processor for 1,000 words; "
        f"web process {web.memory_info().rss / 2**20:.0f} MB",
        flush=True,
    )


async def one_stream(server: Server, pk: str, token: str) -> list[float]:
    """Return when the question was sent and when each delta came."""
    async with socket(server, pk, token) as wire:
        times = [time.perf_counter()]
        async for event in asked(wire):
            if event["type"] == "answer.delta":
                times.append(time.perf_counter())
        assert event["status"] == "done", event
        return times


async def directly(number: int) -> list[float]:
    """Return the gaps of `number` models that are asked directly."""
    if SLOW_MODEL not in sys.path:
        sys.path.append(SLOW_MODEL)
    from sitecustomize import WORDS, WORDS_PER_SECOND

    async def one() -> list[float]:
        times = []
        for _word in range(WORDS):
            await asyncio.sleep(1 / WORDS_PER_SECOND)
            times.append(time.perf_counter())
        return [b - a for a, b in pairwise(times)]

    return [gap for gaps in await asyncio.gather(*(one() for _n in range(number))) for gap in gaps]


async def asked(wire: Any) -> AsyncIterator[dict[str, Any]]:
    """Ask, and yield the events up to the last."""
    await wire.send(json.dumps({"type": "ask", "text": ASKED}))
    async for text in wire:
        event = json.loads(text)
        yield event
        if event["type"] == "message.done":
            return


def socket(server: Server, pk: str, token: str) -> Any:
    """Open the socket of a conversation."""
    protocols = ["reading-room", f"bearer.{token}"]
    url = f"{server.url.replace('http', 'ws')}/ws/conversations/{pk}/"
    return websockets.connect(url, subprotocols=protocols, open_timeout=60)  # type: ignore[arg-type]


def conversation(server: Server, slug: str, token: str) -> str:
    """Begin a conversation."""
    return str(server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, token)["id"])


def web_process(server: Server) -> psutil.Process:
    """Return the process that serves."""
    return next(p for p in server.family() if "embedded.processes.serve" in " ".join(p.cmdline()))


def spread(seconds: Sequence[float]) -> str:
    """Return median, 95th of 100 and worst, in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return (
        f"{statistics.median(ordered) * 1000:.0f} / {p95 * 1000:.0f} / {ordered[-1] * 1000:.0f} ms"
    )
