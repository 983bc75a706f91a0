"""Client of parse servers, which convert a file into elements: text, tables and formulas.

It supports self-hosted Unstructured API and docling-serve. The answer is written to a file, with
limits of size and time; a parsing child reads it. The choice of a server belongs to `ingestion`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.utils.translation import gettext_noop as _

from providers.exceptions import ProviderError, ProviderRefused, ProviderUnavailable
from providers.http import pools
from providers.http.errors import host_of_url, transport_failure
from providers.models import Connection
from web.sentences import Sentence

MAX_ANSWER_BYTES: Final = 64 * 2**20
_CANCEL_POLL_SECONDS: Final = 0.25
_SENTENCES: Final = {
    "parse_server_unreachable": _("The parse server is not reachable."),
    "parse_server_slow": _("The parse server did not respond within %(seconds)s s."),
    "parse_server_cut_off": _(
        "The parse server closed the connection before the response was complete."
    ),
    "parse_server_key_refused": _(
        "The parse server rejected the API key. An administrator can enter another one."
    ),
    "parse_server_wrong_address": _(
        "The address of the parse server is wrong, or the server is of another type."
    ),
    "parse_server_busy": _("The parse server has too many requests."),
    "parse_server_declined": _("The parse server rejected the file (status %(status)s)."),
    "parse_server_failing": _("The parse server reported an error (status %(status)s)."),
    "parse_server_disabled": _("The connection to the parse server is disabled."),
    "parse_server_not_understood": _("The parse server sent an invalid response."),
    "parse_server_too_much": _("The parse server's response exceeds the size limit."),
    "key_lost": _("The API key of the parse server is lost. An administrator must enter it again."),
}
_TEMPORARY_CODES: Final = {
    "parse_server_unreachable",
    "parse_server_slow",
    "parse_server_cut_off",
    "parse_server_busy",
}


@dataclass(frozen=True, slots=True)
class _Dialect:
    """The request to a kind of server: path, file field, other fields, and header of the key."""

    path: str
    field: str
    fields: Mapping[str, str]
    key_header: str


_DIALECTS: Final = {
    Connection.Kind.UNSTRUCTURED: _Dialect(
        "/general/v0/general",
        "files",
        {
            "strategy": "hi_res",
            "coordinates": "true",
            "skip_infer_table_types": "[]",
            "output_format": "application/json",
        },
        "unstructured-api-key",
    ),
    Connection.Kind.DOCLING: _Dialect(
        "/v1/convert/file",
        "files",
        {
            "to_formats": "json",
            "image_export_mode": "placeholder",
            "do_ocr": "true",
            "table_mode": "accurate",
            "do_formula_enrichment": "true",
        },
        "X-Api-Key",
    ),
}


@dataclass(frozen=True, slots=True)
class FileToParse:
    """A file to be parsed: its path, the name of its document, and its media type."""

    path: Path
    name: str
    media_type: str


class Cancelled(Exception):
    """The caller cancelled the call."""


def fault(code: str, host: str, **values: object) -> ProviderError:
    """Return the error of this code."""
    kind = ProviderUnavailable if code in _TEMPORARY_CODES else ProviderRefused
    return kind(Sentence(_SENTENCES[code], {"host": host, **values}), code=code)


def host_of(connection: Connection) -> str:
    """Return the host and port for a sentence."""
    return host_of_url(connection.base_url)


def parse(
    connection: Connection,
    file: FileToParse,
    answer: IO[bytes],
    *,
    seconds: float,
    cancelled: Callable[[], bool],
) -> None:
    """Have a server parse a file, and write its JSON to `answer`; takes at most `seconds`.

    `cancelled` is called four times a second; when it returns True, the socket is closed and
    Cancelled raised. Raises ProviderError for all failures of the server.
    """
    key = connection.api_key
    if key is None:
        raise fault("key_lost", host_of(connection))
    asyncio.run(_until_cancelled(_Call(connection, key, seconds).run(file, answer), cancelled))


async def _until_cancelled(call: Coroutine[Any, Any, None], cancelled: Callable[[], bool]) -> None:
    task = asyncio.create_task(call)
    while not task.done():
        await asyncio.wait([task], timeout=_CANCEL_POLL_SECONDS)
        if not task.done() and cancelled():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise Cancelled
    task.result()


class _Call:
    """One request to a parse server."""

    def __init__(self, connection: Connection, key: str, seconds: float) -> None:
        self._dialect = _DIALECTS[Connection.Kind(connection.kind)]
        self._url = connection.base_url.removesuffix(self._dialect.path) + self._dialect.path
        self._headers = {"Accept": "application/json"} | (
            {self._dialect.key_header: key} if key else {}
        )
        self._host = host_of(connection)
        self._seconds = seconds

    async def run(self, file: FileToParse, answer: IO[bytes]) -> None:
        """Send the file and write the answer to a file; raises ProviderError."""
        import httpx2

        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(file, answer)
        except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            failure = transport_failure(error)
            values = {"seconds": round(self._seconds)} if failure == "slow" else {}
            raise self._fault(failure, **values) from error

    async def _exchange(self, file: FileToParse, answer: IO[bytes]) -> None:
        import httpx2

        client = await pools.of_this_loop()
        timeout = httpx2.Timeout(None, connect=settings.MODEL_CONNECT_SECONDS)
        with file.path.open("rb") as opened:
            files = {self._dialect.field: (file.name, opened, file.media_type)}
            form: dict[str, Any] = {"data": dict(self._dialect.fields), "files": files}
            async with client.stream(
                "POST", self._url, headers=self._headers, timeout=timeout, **form
            ) as response:
                if response.status_code != 200:
                    raise self._refusal(response.status_code)
                size = 0
                async with aclosing(response.aiter_bytes()) as blocks:
                    async for block in blocks:
                        size += len(block)
                        if size > MAX_ANSWER_BYTES:
                            raise self._fault("too_much")
                        answer.write(block)

    def _refusal(self, status: int) -> ProviderError:
        match status:
            case 401 | 403:
                return self._fault("key_refused")
            case 404 | 405 | 301 | 302 | 303 | 307 | 308:
                return self._fault("wrong_address")
            case 429:
                return self._fault("busy")
            case 504:  # The limit of docling-serve itself.
                return self._fault("slow", seconds=round(self._seconds))
        return self._fault("failing" if status >= 500 else "declined", status=status)

    def _fault(self, what: str, **values: object) -> ProviderError:
        return fault(f"parse_server_{what}", self._host, **values)
