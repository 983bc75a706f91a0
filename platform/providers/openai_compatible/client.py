"""HTTP client of one OpenAI-compatible server, by the `openai` library.

The library sends requests; its parsers are not used. Its stream ends normally on a cut connection
and accepts `insufficient_system_resource` as a normal end. Its embedding classes take 147 ms for 64
texts instead of 9 ms. The import takes 0.95 s and 45 MB, so the first request loads the library in
a thread.
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
    """Client that sends the paths in _LIBRARY_PATHS by the library, and all others by httpx2."""

    # The library's clients, each with the shared client below it: each event loop has its own.
    _async_pair: "tuple[httpx2.AsyncClient, openai.AsyncOpenAI] | None" = None
    _sync_pair: "tuple[httpx2.Client, openai.OpenAI] | None" = None

    async def ready(self) -> None:
        """Load the library in a thread, so that its import does not block the event loop."""
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
        """Return headers that replace those of the library and of its environment variables."""
        import openai

        authorization = self.headers.get("Authorization", openai.Omit())
        return {"Authorization": authorization, "User-Agent": pools.USER_AGENT}

    def _options(self) -> dict[str, Any]:
        """Return the options of a client, so that the library reads no environment variables."""
        return {
            "base_url": self.base_url,
            "api_key": self.faults.key or "none",
            "admin_api_key": "",
            "max_retries": 0,
            "default_headers": self._headers(),
        }


def _call(client: Any, path: str, body: Mapping[str, Any] | None, **options: Any) -> Any:
    """Return the call as a context manager, which sends the request when it is entered."""
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
    """Load the library and the modules that a first call would load."""
    import openai

    client = openai.OpenAI(api_key="none", base_url="http://localhost", admin_api_key="")
    for resource in (client.chat.completions, client.embeddings, client.models):
        resource.with_streaming_response  # noqa: B018 - the access loads the modules
    client.close()
