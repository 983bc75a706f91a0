"""Speaks HTTP with one model server: a call with a JSON answer, or a stream of lines. What they mean is not known here.

Requests go out through httpx2, for OpenAI-compatible servers through the `openai` library above it, in
`openai_compatible.client`. Limits of time and size, and what a broken line means, are the same for both.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, aclosing, suppress
from typing import TYPE_CHECKING, Any, Final

from providers.http import pools
from providers.http.errors import Faults
from providers.http.refusals import refusal, seconds_asked_for
from providers.http.timeouts import DEFAULT, Patience, Timeouts

if TYPE_CHECKING:
    import httpx2

# The most that is read of an answer: JSON is decoded in one go, and all requests of the process wait meanwhile.
# OpenRouter's list of models, the largest known, takes half a megabyte.
ANSWER_BYTES: Final = 2 * 2**20
STREAM_LINE_BYTES: Final = 2**20
SHORT_ANSWER_BYTES: Final = 64 * 2**10
_LIST_SECONDS: Final = 5.0
_LOOKING_UP: Final = 20.0


class Wire:
    """The line to one server. Holds nothing open itself; the sockets are those of `pools`."""

    def __init__(self, base_url: str, api_key: str = "", timeouts: Timeouts = DEFAULT) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeouts = timeouts
        self.faults = Faults(_host(base_url), api_key)
        self.headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}

    def get(self, path: str, *, most_bytes: int = ANSWER_BYTES) -> Any:
        """Return the JSON at a path; raises a ProviderError."""
        seconds = min(_LOOKING_UP, self.timeouts.first_token)
        return self._decoded(*self._answer("GET", path, None, seconds, most_bytes), "")

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        model: str = "",
        seconds: float | None = None,
        most_bytes: int = ANSWER_BYTES,
    ) -> Any:
        """Send JSON and return the JSON that comes back; raises a ProviderError, which names `model`."""
        longest = self.timeouts.first_token
        return self._decoded(*self._answer("POST", path, body, min(seconds or longest, longest), most_bytes), model)

    async def ready(self) -> None:
        """Load what the first call needs; no limit of time counts meanwhile."""

    async def lines(
        self, path: str, body: Mapping[str, Any], patience: Patience, *, model: str
    ) -> AsyncGenerator[list[bytes]]:
        """Send JSON and yield the lines that come back, as many at a time as have come; raises a ProviderError.

        Leaving it closes the socket at once, by which a server knows that nobody listens any more. The last line may
        be a broken one.
        """
        response = await self._open(path, body, patience, model)
        rest = bytearray()
        try:
            async with aclosing(self._blocks(response, patience)) as blocks:
                async for block in blocks:
                    *lines, last = block.split(b"\n")
                    if lines:
                        lines[0] = bytes(rest) + lines[0]
                        yield lines
                        rest.clear()
                    rest += last
                    if len(rest) > STREAM_LINE_BYTES:
                        raise self.faults.too_much()
            if rest:
                yield [bytes(rest)]
        finally:
            await response.aclose()

    async def _blocks(self, response: "httpx2.Response", patience: Patience) -> AsyncGenerator[bytes]:
        import httpx2

        async with aclosing(response.aiter_bytes()) as blocks:
            while True:
                try:
                    async with asyncio.timeout(patience.left):
                        block = await anext(blocks, None)
                except TimeoutError:
                    raise self._out_of(patience) from None
                except httpx2.HTTPError as error:
                    raise self.faults.cut_off() from error
                if block is None:
                    return
                patience.life()
                yield block

    async def fetch(self, path: str) -> Any:
        """Return the JSON at a path, for asynchronous callers; raises a ProviderError."""
        await self.ready()
        wait = min(_LOOKING_UP, self.timeouts.first_token)
        response = await self._sent("GET", path, None, Patience(Timeouts(self.timeouts.connect, wait, wait)))
        content = await self._content_of(response, ANSWER_BYTES)
        if len(content) > ANSWER_BYTES:
            raise self.faults.too_much()
        return self._decoded(200, content, None, "")

    async def _open(self, path: str, body: Mapping[str, Any], patience: Patience, model: str) -> "httpx2.Response":
        """Send the request and return the answer, its content still to come."""
        response = await self._sent("POST", path, body, patience)
        patience.life()
        if response.status_code == 200:
            return response
        raise refusal(self.faults, response.status_code, await self._content_of(response, SHORT_ANSWER_BYTES), model)

    async def _sent(
        self, method: str, path: str, body: Mapping[str, Any] | None, patience: Patience, *, again: bool = True
    ) -> "httpx2.Response":
        import httpx2

        limits = httpx2.Timeout(None, connect=self.timeouts.connect)
        try:
            async with asyncio.timeout(patience.left):
                return await self._response(method, path, body, limits)
        except TimeoutError:
            raise self._out_of(patience) from None
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise self.faults.unreachable() from error
        except httpx2.HTTPError as error:
            if not again:
                raise self.faults.cut_off() from error
        # The server may have closed a socket of an earlier call at this very moment.
        return await self._sent(method, path, body, patience, again=False)

    async def _response(
        self, method: str, path: str, body: Mapping[str, Any] | None, limits: "httpx2.Timeout"
    ) -> "httpx2.Response":
        """Send a request and return the response, its content still to come; raises httpx2's errors."""
        client = await pools.of_this_loop()
        url = self.base_url + path
        request = client.build_request(method, url, json=body, headers=self.headers, timeout=limits)
        return await client.send(request, stream=True)

    async def _content_of(self, response: "httpx2.Response", most_bytes: int) -> bytes:
        """Return the content of an answer, as much of it as comes in time; it ends soon after `most_bytes`."""
        import httpx2

        content = bytearray()
        try:
            with suppress(TimeoutError, httpx2.HTTPError):
                async with asyncio.timeout(_LIST_SECONDS), aclosing(response.aiter_bytes()) as blocks:
                    async for block in blocks:
                        content += block
                        if len(content) > most_bytes:
                            break
        finally:
            await response.aclose()
        return bytes(content)

    def _out_of(self, patience: Patience) -> Exception:
        return self.faults.silent() if patience.begun else self.faults.slow(patience.waited)

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
        most_bytes: int,
        *,
        again: bool = True,
    ) -> tuple[int, bytes, str | None]:
        """Return the status of an answer, its content and its Retry-After."""
        import httpx2

        limits = httpx2.Timeout(seconds, connect=self.timeouts.connect)
        try:
            with self._streamed(method, path, body, limits) as response:
                content = self._content(response, time.monotonic() + seconds, most_bytes)
                return response.status_code, content, response.headers.get("Retry-After")
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise self.faults.unreachable() from error
        except UnicodeError as error:  # The system's look-up of names that are none, like “a..b”.
            raise self.faults.unreachable() from error
        except httpx2.TimeoutException as error:
            raise self.faults.slow(seconds) from error
        except httpx2.HTTPError as error:
            if not again:
                raise self.faults.cut_off() from error
        return self._answer(method, path, body, seconds, most_bytes, again=False)

    def _streamed(
        self, method: str, path: str, body: Mapping[str, Any] | None, limits: "httpx2.Timeout"
    ) -> "AbstractContextManager[httpx2.Response]":
        """Send a request and hold the response, its content still to come; raises httpx2's errors."""
        url = self.base_url + path
        return pools.blocking().stream(method, url, json=body, headers=self.headers, timeout=limits)

    def _content(self, response: "httpx2.Response", until: float, most_bytes: int) -> bytes:
        content = bytearray()
        for block in response.iter_bytes():
            content += block
            if len(content) > most_bytes:
                raise self.faults.too_much()
            if time.monotonic() > until:
                raise self.faults.silent()
        return bytes(content)


def _host(base_url: str) -> str:
    """Return whom to name in a sentence: the host and its port, without a path or a password."""
    return base_url.partition("://")[2].partition("/")[0].rpartition("@")[2] or base_url
