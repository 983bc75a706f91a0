"""A small HTTP/1.1 server in its own thread, over a real socket, that can also misbehave as real ones do.

A subclass says what each path answers; `fault` names how it goes wrong:

down      no listener                         cut       breaks off in the middle of a frame
slow      takes the question and says nothing silence   says a little, then nothing, the line open
garbage   answers with a page of HTML         busy      signs of life only, as a queue sends them
401 … 503 refuses with that status            reset     hangs up before it answers
redirect  sends the caller elsewhere
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

PAGE = (
    b"<!doctype html>\n<html><head><title>Welcome</title></head>\n<body>It works!</body></html>\n"
)
FRAMES_BEFORE_A_FAULT = 3
KEEP_ALIVE_EVERY = 0.05


class HungUp(Exception):
    """The fake has broken off, as it was told to."""


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON that was sent, None without any."""
        return json.loads(self.content) if self.content else None


@dataclass
class Answer:
    """What comes back: a status and JSON, or frames one by one."""

    status: int = 200
    body: Any = None
    frames: AsyncIterator[bytes] | None = None
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class FakeServer:
    """Answers until the `with` block ends. `requests` keeps what was asked; `rate` is in tokens a second, 0 for any."""

    keep_alive_comment = b""

    def __init__(self, port: int = 0, rate: float = 0, key: str = "") -> None:
        self.port = port
        self.rate = rate
        self.key = key
        self.requests: list[Request] = []
        self.open_streams = 0
        self.abandoned = 0
        self.retry_after = ""
        self._fault = ""
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name="fake server", daemon=True)

    async def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        raise NotImplementedError

    def refusal(self, status: int, request: Request) -> Answer:
        """Return how such a server says no."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def fault(self) -> str:
        """What goes wrong at present."""
        return self._fault

    @fault.setter
    def fault(self, name: str) -> None:
        self._fault = name
        listens = self._listener is not None
        if self._thread.is_alive() and listens is (name == "down"):
            self._do(self._stop_listening() if listens else self._listen())

    def __enter__(self) -> "FakeServer":
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *exc: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def connections(self) -> int:
        """Return how many sockets are open."""
        return len(self._connections)

    async def pace(self, began: float, number: int) -> None:
        """Wait until the token of this number is due."""
        due = began + number / self.rate - time.perf_counter() if self.rate else 0
        await asyncio.sleep(max(0, due))

    async def break_off(self) -> None:
        """Hang up in the middle."""
        await asyncio.sleep(0.01)  # An abort would take back what the kernel has not sent.
        raise HungUp

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, reuse_address=True, backlog=1000
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        assert self._listener is not None
        self._listener.close()
        self._listener = None
        await self._hang_up()

    async def _end(self) -> None:
        if self._listener is not None:
            self._listener.close()
        await self._hang_up()
        await asyncio.sleep(0.01)  # Sockets are closed a turn of the loop after they were told to.

    async def _hang_up(self) -> None:
        me = asyncio.current_task()
        running = [task for task in self._connections if task is not me]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._serve(reader, writer)
        except (HungUp, asyncio.CancelledError):
            writer.transport.abort()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = b""
        while True:
            request = await _request(reader, first)
            self.requests.append(request)
            work = asyncio.create_task(self._respond(request, writer))
            watch = asyncio.create_task(reader.read(1))
            try:
                await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
                if not work.done():  # A caller asks once at a time, so this one has left.
                    self.abandoned += 1
                    return
                work.result()
                first = await watch
                if not first:
                    return
            finally:
                for task in (work, watch):
                    task.cancel()
                await asyncio.gather(work, watch, return_exceptions=True)

    async def _respond(self, request: Request, writer: asyncio.StreamWriter) -> None:
        fault = self._fault
        if fault == "slow":
            await asyncio.sleep(3600)
        if fault == "reset":
            raise HungUp
        answer = self._faulty(fault, request) or await self.answer(request)
        if answer.frames is None:
            await self._write_whole(answer, fault, writer)
        else:
            await self._write_frames(answer, answer.frames, fault, writer)

    def _faulty(self, fault: str, request: Request) -> Answer | None:
        if fault.isdecimal():
            refusal = self.refusal(int(fault), request)
            return (
                replace(refusal, headers={"Retry-After": self.retry_after})
                if self.retry_after
                else refusal
            )
        if fault == "garbage":
            return Answer(body=PAGE, media_type="text/html")
        if fault == "redirect":
            return Answer(307, b"", headers={"Location": "http://127.0.0.1:9/elsewhere"})
        sent = request.headers.get("authorization", "")
        return self.refusal(401, request) if self.key and sent != f"Bearer {self.key}" else None

    async def _write_whole(self, answer: Answer, fault: str, writer: asyncio.StreamWriter) -> None:
        content = (
            answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        )
        writer.write(_head(answer, f"Content-Length: {len(content)}"))
        if fault in {"cut", "silence"}:
            writer.write(content[: len(content) // 2])
            await self._go_wrong(fault, writer)
        writer.write(content)
        await writer.drain()

    async def _write_frames(
        self, answer: Answer, frames: AsyncIterator[bytes], fault: str, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(_head(answer, "Transfer-Encoding: chunked"))
        self.open_streams += 1
        number = 0
        try:
            if fault == "busy":
                await self._go_wrong(fault, writer)
            async for frame in frames:
                if fault in {"cut", "silence"} and number == FRAMES_BEFORE_A_FAULT:
                    writer.write(_chunk(frame[: len(frame) // 2]) if fault == "cut" else b"")
                    await self._go_wrong(fault, writer)
                writer.write(_chunk(frame))
                await writer.drain()
                number += 1
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        finally:
            self.open_streams -= 1

    async def _go_wrong(self, fault: str, writer: asyncio.StreamWriter) -> None:
        await writer.drain()
        if fault == "cut":
            await self.break_off()
        while fault == "busy" and self.keep_alive_comment:
            writer.write(_chunk(self.keep_alive_comment))
            await writer.drain()
            await asyncio.sleep(KEEP_ALIVE_EVERY)
        await asyncio.sleep(3600)


async def _request(reader: asyncio.StreamReader, first: bytes) -> Request:
    head = first + await reader.readuntil(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (row.partition(":") for row in rest if row)
    }
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    method, path, _version = line.split(" ")
    return Request(method, path.partition("?")[0], headers, content)


def _head(answer: Answer, length: str) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} As told", f"Content-Type: {answer.media_type}", length]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n" % len(content) + content + b"\r\n"
