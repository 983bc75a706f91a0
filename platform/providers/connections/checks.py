"""Looks whether a connection works, as somebody would who is about to use it, and says what was found.

It asks for the version and the models, measures an embedding and waits for the first word of an answer. How findings
are worded is in `check_results`.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Final, Literal, cast

from django.utils import timezone

from providers import check_results
from providers.check_results import Finding
from providers.connections.defaults import default
from providers.connections.discovery import measure, take_in
from providers.connections.factory import CHECK_SECONDS, server_of
from providers.exceptions import ProviderError
from providers.model_names import nearest_names
from providers.models import Connection, Model
from providers.parse_servers import Sent, fault, host_of, parse
from providers.protocols import ChatEvent, ChatModel, ChatRequest, ModelServer

_GREETING: Final = "Say hello."
_PAGE: Final = b"<html><body><h1>Hello</h1><p>This is a page to be parsed.</p></body></html>"
_MOST_MEASURED: Final = 3


@dataclass(frozen=True, slots=True)
class _Said:
    role: Literal["system", "user", "assistant"]
    text: str


def check(connection: Connection, *, model: str = "") -> list[Finding]:
    """Check a connection and keep what was found with it; `model` is one that somebody wants to use."""
    found = [try_parsing(connection)] if connection.parses else list(_looked(connection, model))
    keep(connection, found)
    return found


def keep(connection: Connection, found: Sequence[Finding]) -> None:
    """Keep what was found with a connection, unless it is gone by now."""
    connection.findings = [finding.row for finding in found]
    connection.checked = timezone.now()
    Connection.objects.filter(pk=connection.pk).update(findings=connection.findings, checked=connection.checked)


def _looked(connection: Connection, wanted: str) -> Iterator[Finding]:
    try:
        server = server_of(connection, for_check=True)
        version = server.version()
        offered = server.found_models()
    except ProviderError as error:
        yield trouble(error)
        return
    take_in(connection, offered)
    yield Finding(check_results.REACHABLE, details={"version": version})
    yield _counted([model.kind for model in offered])
    yield from _missing(connection, [model.name for model in offered], wanted)
    rows = list(connection.offered.filter(is_offered=True, enabled=True))
    yield from _measured(server, rows, wanted)
    yield from _answered(server, rows, wanted)


def try_parsing(connection: Connection) -> Finding:
    """Have a parse server read a line of HTML: that takes a right address, key and kind."""
    with TemporaryFile() as answer, NamedTemporaryFile(suffix=".html") as page:
        page.write(_PAGE)
        page.flush()
        sent = Sent(Path(page.name), "check.html", "text/html")
        began = time.perf_counter()
        try:
            parse(connection, sent, answer, seconds=CHECK_SECONDS, cancelled=lambda: False)
            answer.seek(0)
            json.loads(answer.read())
        except (ValueError, RecursionError):
            return trouble(fault("parse_server_not_understood", host_of(connection)))
        except ProviderError as error:
            return trouble(error)
        return Finding(check_results.PARSES, details={"seconds": max(0.1, round(time.perf_counter() - began, 1))})


def trouble(error: ProviderError, **details: object) -> Finding:
    """Return the finding that something went wrong."""
    if error.code == check_results.KEY_LOST:
        return Finding(check_results.KEY_LOST, ok=False)
    return Finding(error.code, ok=False, details=details, said=error.kept)


def _counted(kinds: Sequence[str]) -> Finding:
    counts = {kind: kinds.count(kind) for kind in Model.Kind.values if kind in kinds}
    return (
        Finding(check_results.MODELS_FOUND, details={"kinds": counts})
        if counts
        else Finding(check_results.NO_MODELS, ok=False)
    )


def _missing(connection: Connection, names: Sequence[str], wanted: str) -> Iterator[Finding]:
    """Say which models of this connection somebody relies on that are not there, and what is called nearly so."""
    defaults = [str(default(f"{kind}_model")).partition("/") for kind in Model.Kind.values]
    relied_on = [name for slug, _slash, name in defaults if slug == connection.slug]
    for name in dict.fromkeys(filter(None, [wanted, *relied_on])):
        if name not in names:
            nearest = nearest_names(name, names)
            yield Finding(check_results.MODEL_MISSING, ok=False, details={"model": name, "nearest": nearest})


def _measured(server: ModelServer, rows: Sequence[Model], wanted: str) -> Iterator[Finding]:
    embedding = [row for row in rows if row.kind == Model.Kind.EMBEDDING]
    for row in _wanted_first(embedding, wanted)[:_MOST_MEASURED]:
        try:
            size = measure(server, row)
        except ProviderError as error:
            yield trouble(error, model=row.name)
        else:
            yield Finding(check_results.EMBEDDING_SIZE, details={"model": row.name, "dimensions": size})


def _answered(server: ModelServer, rows: Sequence[Model], wanted: str) -> Iterator[Finding]:
    chat = _wanted_first([row for row in rows if row.kind == Model.Kind.CHAT], wanted)
    if not chat:
        return
    row = chat[0]
    try:
        seconds = asyncio.run(_first_token(server.chat_model(row.model_id, row.description)))
    except TimeoutError:
        yield Finding(check_results.SILENT, ok=False, details={"model": row.name, "seconds": round(CHECK_SECONDS)})
    except ProviderError as error:
        yield trouble(error, model=row.name)
    else:
        yield Finding(check_results.FIRST_TOKEN, details={"model": row.name, "seconds": max(0.1, round(seconds, 1))})


def _wanted_first(rows: Sequence[Model], wanted: str) -> list[Model]:
    """Put the one somebody asks about first, then the server's default, then the others."""
    default_id = default(f"{rows[0].kind}_model") if rows else ""
    return sorted(rows, key=lambda row: (row.name != wanted, row.model_id != default_id, row.name))


async def _first_token(model: ChatModel) -> float:
    """Return the seconds until a model begins to say something; raises a `ProviderError` or `TimeoutError`."""
    request = ChatRequest([_Said("user", _GREETING)], question=_GREETING, think=False, max_tokens=16)
    began = time.perf_counter()
    stream = cast("AsyncGenerator[ChatEvent, None]", model.stream(request))
    async with asyncio.timeout(CHECK_SECONDS), aclosing(stream):
        await anext(stream, None)
    return time.perf_counter() - began
