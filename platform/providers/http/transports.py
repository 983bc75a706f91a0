"""Transports of the shared HTTP clients: only plain headers go out, and of an error only a bounded body comes in.

The `openai` library reads the whole body of an error and adds headers that describe this machine; both are mended here,
below it. Nothing is unpacked: no coding is asked for, and a megabyte of gzip may be a gigabyte. Imports httpx2, and so
is imported when a server is first asked.
"""

import asyncio
import time
from collections.abc import AsyncIterable, Iterable
from contextlib import suppress
from typing import Final, cast

import httpx2

ERROR_BYTES: Final = 64 * 2**10
ERROR_SECONDS: Final = 5.0
SENT_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "unstructured-api-key",  # Of a parse server, as x-api-key is.
        "user-agent",
        "x-api-key",
    }
)


class Transport(httpx2.HTTPTransport):
    """For threads."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; an error comes back with its body, as much of it as comes in time."""
        response = super().handle_request(_plain(request))
        response.headers.pop("Content-Encoding", None)
        if response.is_success:
            return response
        content, until = b"", time.monotonic() + ERROR_SECONDS
        with suppress(httpx2.HTTPError):
            for block in cast("Iterable[bytes]", response.stream):
                content += block
                if len(content) > ERROR_BYTES or time.monotonic() > until:
                    break
        response.close()
        return _read(response, content)


class AsyncTransport(httpx2.AsyncHTTPTransport):
    """For event loops."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; an error comes back with its body, as much of it as comes in time."""
        response = await super().handle_async_request(_plain(request))
        response.headers.pop("Content-Encoding", None)
        if response.is_success:
            return response
        content = b""
        try:
            with suppress(TimeoutError, httpx2.HTTPError):
                async with asyncio.timeout(ERROR_SECONDS):
                    async for block in cast("AsyncIterable[bytes]", response.stream):
                        content += block
                        if len(content) > ERROR_BYTES:
                            break
        finally:
            await response.aclose()
        return _read(response, content)


def _plain(request: httpx2.Request) -> httpx2.Request:
    """Return the request without headers that no server needs."""
    headers = [(name, value) for name, value in request.headers.raw if name.decode("latin-1").lower() in SENT_HEADERS]
    return httpx2.Request(
        request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
    )


def _read(response: httpx2.Response, content: bytes) -> httpx2.Response:
    return httpx2.Response(
        response.status_code, headers=response.headers, stream=httpx2.ByteStream(content[:ERROR_BYTES])
    )
