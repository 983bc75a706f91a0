"""HTTP client of one model server: calls with a JSON answer, and streams of lines.

httpx2 sends the requests; `openai_compatible.client` sends them by the `openai` library, with the
same limits of time and size. The packages of the protocols interpret the answers.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, aclosing, suppress
from typing import TYPE_CHECKING, Any, Final

from providers.http import pools
from providers.http.errors import FaultFactory, host_of_url
from providers.http.refusals import refusal, seconds_asked_for
from providers.http.timeouts import DEFAULT_TIMEOUTS, StreamTimer, Timeouts

if TYPE_CHECKING:
    import httpx2

# JSON is decoded in one step, which blocks all requests of the process. OpenRouter's list of
# models, the largest known answer, takes half a megabyte.
MAX_ANSWER_BYTES: Final = 2 * 2**20
MAX_STREAM_LINE_BYTES: Final = 2**20
MAX_SHORT_ANSWER_BYTES: Final = 64 * 2**10
_CONTENT_READ_SECONDS: Final = 5.0
_GET_TIMEOUT_SECONDS: Final = 20.0


class ServerClient:
    """HTTP client of one server. The sockets belong to `pools`."""

    def __init__(
        self, base_url: str, api_key: str = "", timeouts: Timeouts = DEFAULT_TIMEOUTS
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeouts = timeouts
        self.faults = FaultFactory(host_of_url(base_url), api_key)
        self.headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}

    def get(self, path: str, *, max_bytes: int = MAX_ANSWER_BYTES) -> Any:
        """Return the JSON at a path; raises a ProviderError."""
        seconds = min(_GET_TIMEOUT_SECONDS, self.timeouts.first_token)
        return self._decoded(*self._answer("GET", path, None, seconds, max_bytes), "")

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        model: str = "",
        seconds: float | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> Any:
        """Send JSON and return the JSON answer; raises a ProviderError, which names `model`."""
        longest = self.timeouts.first_token
        return self._decoded(
            *self._answer("POST", path, body, min(seconds or longest, longest), max_bytes), model
        )

    async def ready(self) -> None:
        """Load modules for the first call, before its time limit starts."""

    async def lines(
        self, path: str, body: Mapping[str, Any], timer: StreamTimer, *, model: str
    ) -> AsyncGenerator[list[bytes]]:
        """Send JSON and yield the lines of the answer in batches; raises a ProviderError.

        Closing the generator closes the socket at once, so that the server stops. The last line
        may be incomplete.
        """
        response = await self._sent("POST", path, body, timer)
        timer.data_arrived()
        if response.status_code != 200:
            content = await self._content_of(response, MAX_SHORT_ANSWER_BYTES)
            raise refusal(self.faults, response.status_code, content, model)
        rest = bytearray()
        try:
            async with aclosing(self._blocks(response, timer)) as blocks:
                async for block in blocks:
                    *lines, last = block.split(b"\n")
                    if lines:
                        lines[0] = bytes(rest) + lines[0]
                        yield lines
                        rest.clear()
                    rest += last
                    if len(rest) > MAX_STREAM_LINE_BYTES:
                        raise self.faults.too_much()
            if rest:
                yield [bytes(rest)]
        finally:
            await response.aclose()

    async def _blocks(
        self, response: "httpx2.Response", timer: StreamTimer
    ) -> AsyncGenerator[bytes]:
        import httpx2

        async with aclosing(response.aiter_bytes()) as blocks:
            while True:
                try:
                    async with asyncio.timeout(timer.seconds_left):
                        block = await anext(blocks, None)
                except TimeoutError:
                    raise self._timed_out(timer) from None
                except httpx2.HTTPError as error:
                    raise self.faults.cut_off() from error
                if block is None:
                    return
                timer.data_arrived()
                yield block

    async def fetch(self, path: str) -> Any:
        """Return the JSON at a path, for asynchronous callers; raises a ProviderError."""
        await self.ready()
        wait = min(_GET_TIMEOUT_SECONDS, self.timeouts.first_token)
        response = await self._sent(
            "GET", path, None, StreamTimer(Timeouts(self.timeouts.connect, wait, wait))
        )
        content = await self._content_of(response, MAX_ANSWER_BYTES)
        if len(content) > MAX_ANSWER_BYTES:
            raise self.faults.too_much()
        return self._decoded(200, content, None, "")

    async def _sent(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        timer: StreamTimer,
        *,
        again: bool = True,
    ) -> "httpx2.Response":
        """Send a request and return the unread response; raises a ProviderError."""
        import httpx2

        limits = httpx2.Timeout(None, connect=self.timeouts.connect)
        try:
            async with asyncio.timeout(timer.seconds_left):
                return await self._response(method, path, body, limits)
        except TimeoutError:
            raise self._timed_out(timer) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            fault = self.faults.of_transport(error, timer.seconds_waited)
            if fault.code != "provider_cut_off" or not again:
                raise fault from error
        # The server may have closed the idle socket just before the request, so send it once more.
        return await self._sent(method, path, body, timer, again=False)

    async def _response(
        self, method: str, path: str, body: Mapping[str, Any] | None, limits: "httpx2.Timeout"
    ) -> "httpx2.Response":
        """Send a request and return the unread response; raises errors of httpx2."""
        client = await pools.of_this_loop()
        url = self.base_url + path
        request = client.build_request(method, url, json=body, headers=self.headers, timeout=limits)
        return await client.send(request, stream=True)

    async def _content_of(self, response: "httpx2.Response", max_bytes: int) -> bytes:
        """Return the content that arrives in time, cut after the block that exceeds `max_bytes`."""
        import httpx2

        content = bytearray()
        try:
            with suppress(TimeoutError, httpx2.HTTPError):
                async with (
                    asyncio.timeout(_CONTENT_READ_SECONDS),
                    aclosing(response.aiter_bytes()) as blocks,
                ):
                    async for block in blocks:
                        content += block
                        if len(content) > max_bytes:
                            break
        finally:
            await response.aclose()
        return bytes(content)

    def _timed_out(self, timer: StreamTimer) -> Exception:
        return self.faults.silent() if timer.has_token else self.faults.slow(timer.seconds_waited)

    def _decoded(self, status: int, content: bytes, after: str | None, model: str) -> Any:
        if status != 200:
            fault = refusal(self.faults, status, content, model)
            fault.after = seconds_asked_for(after, now=time.time())
            raise fault
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise self.faults.not_understood() from None

    def _answer(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        seconds: float,
        max_bytes: int,
        *,
        again: bool = True,
    ) -> tuple[int, bytes, str | None]:
        """Return status, content and Retry-After of an answer; raises a ProviderError."""
        import httpx2

        limits = httpx2.Timeout(seconds, connect=self.timeouts.connect)
        try:
            with self._streamed(method, path, body, limits) as response:
                content = self._content(response, time.monotonic() + seconds, max_bytes)
                return response.status_code, content, response.headers.get("Retry-After")
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            fault = self.faults.of_transport(error, seconds)
            if fault.code != "provider_cut_off" or not again:
                raise fault from error
        return self._answer(method, path, body, seconds, max_bytes, again=False)

    def _streamed(
        self, method: str, path: str, body: Mapping[str, Any] | None, limits: "httpx2.Timeout"
    ) -> "AbstractContextManager[httpx2.Response]":
        """Send a request and open the unread response; raises errors of httpx2."""
        url = self.base_url + path
        return pools.blocking().stream(method, url, json=body, headers=self.headers, timeout=limits)

    def _content(self, response: "httpx2.Response", until: float, max_bytes: int) -> bytes:
        content = bytearray()
        for block in response.iter_bytes():
            content += block
            if len(content) > max_bytes:
                raise self.faults.too_much()
            if time.monotonic() > until:
                raise self.faults.silent()
        return bytes(content)
