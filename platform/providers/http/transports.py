"""Transports of the shared HTTP clients: filtered request headers, and limited error bodies.

The `openai` library reads the whole body of an error, and sends headers that describe this machine.
The transports limit both. Content codings are refused, since a megabyte of gzip may expand to a
gigabyte. Import this module only at the first request, as it imports httpx2.
"""

import asyncio
import time
from collections.abc import AsyncIterable, Iterable
from contextlib import suppress
from typing import Final, cast

import httpx2

MAX_ERROR_BYTES: Final = 64 * 2**10
ERROR_READ_SECONDS: Final = 5.0
ALLOWED_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "unstructured-api-key",  # For parse servers, as is x-api-key.
        "user-agent",
        "x-api-key",
    }
)


class LimitedTransport(httpx2.HTTPTransport):
    """The transport of the client for threads."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; limit an error body to MAX_ERROR_BYTES and ERROR_READ_SECONDS."""
        response = super().handle_request(_plain(request))
        response.headers.pop("Content-Encoding", None)
        if response.is_success:
            return response
        content, until = b"", time.monotonic() + ERROR_READ_SECONDS
        with suppress(httpx2.HTTPError):
            for block in cast("Iterable[bytes]", response.stream):
                content += block
                if len(content) > MAX_ERROR_BYTES or time.monotonic() > until:
                    break
        response.close()
        return _read(response, content)


class AsyncLimitedTransport(httpx2.AsyncHTTPTransport):
    """The transport of the clients for event loops."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; limit an error body to MAX_ERROR_BYTES and ERROR_READ_SECONDS."""
        response = await super().handle_async_request(_plain(request))
        response.headers.pop("Content-Encoding", None)
        if response.is_success:
            return response
        content = b""
        try:
            with suppress(TimeoutError, httpx2.HTTPError):
                async with asyncio.timeout(ERROR_READ_SECONDS):
                    async for block in cast("AsyncIterable[bytes]", response.stream):
                        content += block
                        if len(content) > MAX_ERROR_BYTES:
                            break
        finally:
            await response.aclose()
        return _read(response, content)


def _plain(request: httpx2.Request) -> httpx2.Request:
    """Return the request with only ALLOWED_HEADERS."""
    headers = [
        (name, value)
        for name, value in request.headers.raw
        if name.decode("latin-1").lower() in ALLOWED_HEADERS
    ]
    return httpx2.Request(
        request.method,
        request.url,
        headers=headers,
        stream=request.stream,
        extensions=request.extensions,
    )


def _read(response: httpx2.Response, content: bytes) -> httpx2.Response:
    return httpx2.Response(
        response.status_code,
        headers=response.headers,
        stream=httpx2.ByteStream(content[:MAX_ERROR_BYTES]),
    )
