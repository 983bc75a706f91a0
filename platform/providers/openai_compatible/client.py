"""Speaks HTTP with one OpenAI-compatible server through the `openai` library: chats, embeddings and models.

The library sends; its parsers are not used: its stream ends normally on a cut connection and takes
`insufficient_system_resource` for a plain end, and its models of vectors take 147 ms for 64 texts
instead of 9. Its import takes 0.95 s and 45 MB, so it is loaded in a thread when a server is first
asked.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from providers.http import pools
from providers.http.client import ServerClient

if TYPE_CHECKING:
    import httpx2
    import openai

_LIBRARY_PATHS: Final = {"/chat/completions", "/embeddings", "/models"}


class OpenAIServerClient(ServerClient):
    """The line to one server; calls that the library does not know go out without it."""

    # The library's clients, each with the shared client below it, which another event loop has
    # another of.
    _async_pair: "tuple[httpx2.AsyncClient, openai.AsyncOpenAI] | None" = None
    _sync_pair: "tuple[httpx2.Client, openai.OpenAI] | None" = None

    async def ready(self) -> None:
        """Load the library in a thread if it is not loaded yet: the event loop goes on meanwhile."""
        if not load.cache_info().currsize:
            await asyncio.to_thread(load)

    async def _response(
        self, method: str, path: str, body: Mapping[str, Any] | None, limits: "httpx2.Timeout"
    ) -> "httpx2.Response":
        if path not in _LIBRARY_PATHS:
            return await super()._response(method, path, body, limits)
        import openai

        http = await pools.of_this_loop()
        pair = self._async_pair
        if pair is None or pair[0] is not http:
            pair = self._async_pair = http, openai.AsyncOpenAI(http_client=http, **self._options())
        try:
            call = _call(pair[1], path, body, timeout=limits, extra_headers=self._headers())
            response: httpx2.Response = (await call.__aenter__()).http_response
        except openai.APIStatusError as error:
            return error.response
        except openai.APIConnectionError as error:
            raise error.__cause__ or error from None
        return response

    @contextmanager
    def _streamed(
        self, method: str, path: str, body: Mapping[str, Any] | None, limits: "httpx2.Timeout"
    ) -> "Iterator[httpx2.Response]":
        if path not in _LIBRARY_PATHS:
            with super()._streamed(method, path, body, limits) as response:
                yield response
            return
        import openai

        http = pools.blocking()
        pair = self._sync_pair
        if pair is None or pair[0] is not http:
            pair = self._sync_pair = http, openai.OpenAI(http_client=http, **self._options())
        try:
            call = _call(pair[1], path, body, timeout=limits, extra_headers=self._headers())
            response = call.__enter__().http_response
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:
            raise error.__cause__ or error from None
        try:
            yield response
        finally:
            response.close()

    def _headers(self) -> dict[str, Any]:
        """Return what takes the place of the library's own headers and of those in its environment variables."""
        import openai

        authorization = self.headers.get("Authorization", openai.Omit())
        return {"Authorization": authorization, "User-Agent": pools.USER_AGENT}

    def _options(self) -> dict[str, Any]:
        """Return the options of a client, in which nothing is left to the library's environment variables."""
        return {
            "base_url": self.base_url,
            "api_key": self.faults.key or "none",
            "admin_api_key": "",
            "max_retries": 0,
            "default_headers": self._headers(),
        }


def _call(client: Any, path: str, body: Mapping[str, Any] | None, **options: Any) -> Any:
    """Return a call that is yet to be entered, and whose answer is yet to be read."""
    if path == "/models":
        return client.models.with_streaming_response.list(**options)
    resource, names = (
        (client.embeddings, ("model", "input", "encoding_format"))
        if path == "/embeddings"
        else (client.chat.completions, ("model", "messages", "stream"))
    )
    known = {name: value for name, value in (body or {}).items() if name in names}
    rest = {name: value for name, value in (body or {}).items() if name not in names}
    return resource.with_streaming_response.create(**known, extra_body=rest, **options)


@cache
def load() -> None:
    """Load the library and the parts of it that a first call would load."""
    import openai

    client = openai.OpenAI(api_key="none", base_url="http://localhost", admin_api_key="")
    for resource in (client.chat.completions, client.embeddings, client.models):
        resource.with_streaming_response  # noqa: B018 - it is the look that loads
    client.close()
