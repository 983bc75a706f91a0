"""What Reading Room adds to a model server: time to the first token, and evenness of many streams.

The servers are the fake Ollama and the fake DeepSeek, each in its own process. The floor is the
same question put to them directly from here, just before: measured by turns for the first token,
one after the other for the streams.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from bench.answering import conversation, socket, spread, web_process
from support.running_server import Server, running

FAKE = Path(__file__).parents[1] / "fakes" / "servers.py"
MODELS = {"ollama": "qwen2.5:7b", "deepseek": "deepseek-v4-flash"}
WIRES = {"ollama": "ollama", "deepseek": "openai"}
PATHS = {"ollama": "/api/chat", "deepseek": "/v1/chat/completions"}
ENDS = {"ollama": b'"done":true', "deepseek": b"[DONE]"}
TIMES = 60
STREAMS = 100
RATE = 20
QUESTION = "What is blue? " * 30


def main() -> None:
    """Measure the first token with a fast fake, the streams with one at 20 tokens a second."""
    for kind in MODELS:
        print(f"-- {kind}", flush=True)
        with fake(kind, 0) as fast, fake(kind, RATE) as steady, running() as server:
            token = server.token()
            slug = workspace(server, token, "fast", kind, fast)
            asyncio.run(first_tokens(server, slug, token, kind, fast))
            slug = workspace(server, token, "steady", kind, steady)
            asyncio.run(streams(server, slug, token, kind, steady))


@contextmanager
def fake(kind: str, rate: int) -> Iterator[str]:
    """Run a fake; yield its address."""
    program = [sys.executable, str(FAKE), kind, "--rate", str(rate)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def workspace(server: Server, token: str, name: str, kind: str, url: str) -> str:
    """Connect a fake and make a workspace without documents that asks it; return the slug."""
    server.call("/api/v1/connections/", {"name": name, "kind": WIRES[kind], "base_url": url}, token)
    slug = str(server.call("/api/v1/workspaces/", {"name": name}, token)["slug"])
    server.call(
        f"/api/v1/workspaces/{slug}/", {"chat_model": f"{name}/{MODELS[kind]}"}, token, "PATCH"
    )
    return slug


async def first_tokens(server: Server, slug: str, token: str, kind: str, url: str) -> None:
    """Ask directly and through the server by turns."""
    bare, ours = [], []
    for _time in range(TIMES):
        began = time.perf_counter()
        bare.append((await directly(kind, url))[0] - began)
        times = await through(server, conversation(server, slug, token), token)
        ours.append(times[1] - times[0])
    added = sorted(ours)[TIMES // 2] - sorted(bare)[TIMES // 2]
    print(
        f"first token: bare {spread(bare)}; through the server {spread(ours)}; added p50 {added * 1000:.0f} ms",
        flush=True,
    )


async def streams(server: Server, slug: str, token: str, kind: str, url: str) -> None:
    """Follow as many answers at once, first directly, then through the server."""
    direct = await asyncio.gather(*(directly(kind, url) for _n in range(STREAMS)))
    conversations = [conversation(server, slug, token) for _n in range(STREAMS)]
    web = web_process(server)
    used = sum(web.cpu_times()[:2])
    runs = await asyncio.gather(*(through(server, pk, token) for pk in conversations))
    used = sum(web.cpu_times()[:2]) - used
    bare, ours = gaps(direct), gaps([times[1:] for times in runs])
    tokens = sum(map(len, direct))
    print(
        f"{STREAMS} streams at {RATE} tokens/s: gap bare {spread(bare)}; through the server {spread(ours)}; "
        f"{p95(ours) / p95(bare):.2f} of the bare p95; first token {spread([t[1] - t[0] for t in runs])}; "
        f"{used / tokens * 1000:.2f} s of processor for 1,000 tokens; "
        f"web process {web.memory_info().rss / 2**20:.0f} MB",
        flush=True,
    )


async def directly(kind: str, url: str) -> list[float]:
    """Ask the fake itself; return when each token came."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = json.dumps(
        {"model": MODELS[kind], "messages": [{"role": "user", "content": QUESTION}]}
    ).encode()
    writer.write(
        b"POST %s HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (PATHS[kind].encode(), len(body)) + body
    )
    times = []
    try:
        while ENDS[kind] not in (line := await reader.readline()):
            if line.startswith((b"{", b"data:")):
                times.append(time.perf_counter())
    finally:
        writer.close()
    return times


async def through(server: Server, pk: str, token: str) -> list[float]:
    """Ask in a conversation; return when it was asked and when each delta came."""
    async with socket(server, pk, token) as wire:
        times = [time.perf_counter()]
        await wire.send(json.dumps({"type": "ask", "text": QUESTION}))
        async for text in wire:
            event = json.loads(text)
            if event["type"] in {"answer.delta", "reasoning.delta"}:
                times.append(time.perf_counter())
            if event["type"] == "message.done":
                assert event["status"] == "done", event
                return times
    raise AssertionError("the socket closed before the answer was done")


def gaps(runs: list[list[float]]) -> list[float]:
    """Return the times between one token and the next."""
    return [after - before for times in runs for before, after in pairwise(times)]


def p95(seconds: list[float]) -> float:
    """Return what 95 of 100 are below."""
    return sorted(seconds)[int(0.95 * len(seconds))]
