"""Checks a connection by the requests that its callers send.

A check asks for the version and the models, measures embeddings and waits for the first token of an
answer. The sentences of its results are in `check_results`.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Final, Literal, cast

from django.utils import timezone

from providers import check_results
from providers.check_results import CheckResult
from providers.connections.defaults import default
from providers.connections.discovery import measure, save_models
from providers.connections.factory import CHECK_SECONDS, server_of
from providers.exceptions import ProviderError
from providers.model_names import nearest_names
from providers.models import Connection, Model
from providers.parse_servers import FileToParse, fault, host_of, parse
from providers.protocols import ChatEvent, ChatModel, ChatRequest, ModelServer

_GREETING: Final = "Say hello."
_PAGE: Final = b"<html><body><h1>Hello</h1><p>This is a page to be parsed.</p></body></html>"
_MAX_MEASURED_MODELS: Final = 3


@dataclass(frozen=True, slots=True)
class _GreetingTurn:
    role: Literal["system", "user", "assistant"]
    text: str


def check(connection: Connection, *, model: str = "") -> list[CheckResult]:
    """Check a connection and save the results in its row; `model` is checked before all others."""
    results = (
        [check_parse_server(connection)]
        if connection.parses
        else list(_check_model_server(connection, model))
    )
    save_results(connection, results)
    return results


def save_results(connection: Connection, results: Sequence[CheckResult]) -> None:
    """Save results of a check, unless the connection has been deleted meanwhile."""
    connection.findings = [result.row for result in results]
    connection.checked = timezone.now()
    Connection.objects.filter(pk=connection.pk).update(
        findings=connection.findings, checked=connection.checked
    )


def _check_model_server(connection: Connection, wanted: str) -> Iterator[CheckResult]:
    try:
        server = server_of(connection, for_check=True)
        version = server.version()
        offered = server.found_models()
    except ProviderError as error:
        yield failure(error)
        return
    save_models(connection, offered)
    yield CheckResult(check_results.REACHABLE, details={"version": version})
    counts = Counter(model.kind for model in offered)
    if counts:
        ordered = {kind: counts[kind] for kind in Model.Kind.values if kind in counts}  # type: ignore[index]
        yield CheckResult(check_results.MODELS_FOUND, details={"kinds": ordered})
    else:
        yield CheckResult(check_results.NO_MODELS, ok=False)
    yield from _missing_models(connection, [model.name for model in offered], wanted)
    rows = list(connection.offered.filter(is_offered=True, enabled=True))
    for row in _wanted_first(rows, Model.Kind.EMBEDDING, wanted)[:_MAX_MEASURED_MODELS]:
        yield _check_embedding(server, row)
    for row in _wanted_first(rows, Model.Kind.CHAT, wanted)[:1]:
        yield _check_chat(server, row)


def _missing_models(
    connection: Connection, offered: Sequence[str], wanted: str
) -> Iterator[CheckResult]:
    """Report the wanted model and default models that the connection lacks, with similar names."""
    defaults = [str(default(f"{kind}_model")).partition("/") for kind in Model.Kind.values]
    needed = [wanted, *(name for slug, _slash, name in defaults if slug == connection.slug)]
    for name in dict.fromkeys(filter(None, needed)):
        if name not in offered:
            nearest = nearest_names(name, offered)
            yield CheckResult(
                check_results.MODEL_MISSING, ok=False, details={"model": name, "nearest": nearest}
            )


def _wanted_first(rows: Sequence[Model], kind: str, wanted: str) -> list[Model]:
    """Return the models of a kind: the wanted one first, then the default, then by name."""
    default_id = default(f"{kind}_model")
    of_kind = [row for row in rows if row.kind == kind]
    return sorted(
        of_kind, key=lambda row: (row.name != wanted, row.model_id != default_id, row.name)
    )


def _check_embedding(server: ModelServer, row: Model) -> CheckResult:
    try:
        size = measure(server, row)
    except ProviderError as error:
        return failure(error, model=row.name)
    return CheckResult(
        check_results.EMBEDDING_SIZE, details={"model": row.name, "dimensions": size}
    )


def _check_chat(server: ModelServer, row: Model) -> CheckResult:
    try:
        seconds = asyncio.run(
            _first_token_seconds(server.chat_model(row.model_id, row.description))
        )
    except TimeoutError:
        details = {"model": row.name, "seconds": round(CHECK_SECONDS)}
        return CheckResult(check_results.SILENT, ok=False, details=details)
    except ProviderError as error:
        return failure(error, model=row.name)
    return CheckResult(
        check_results.FIRST_TOKEN,
        details={"model": row.name, "seconds": max(0.1, round(seconds, 1))},
    )


async def _first_token_seconds(model: ChatModel) -> float:
    """Return the seconds until the first event; raises a `ProviderError` or `TimeoutError`."""
    request = ChatRequest(
        [_GreetingTurn("user", _GREETING)], question=_GREETING, think=False, max_tokens=16
    )
    began = time.perf_counter()
    stream = cast("AsyncGenerator[ChatEvent, None]", model.stream(request))
    async with asyncio.timeout(CHECK_SECONDS), aclosing(stream):
        await anext(stream, None)
    return time.perf_counter() - began


def check_parse_server(connection: Connection) -> CheckResult:
    """Have a parse server parse a short page, which requires a valid address, key and kind."""
    with TemporaryFile() as answer, NamedTemporaryFile(suffix=".html") as page:
        page.write(_PAGE)
        page.flush()
        file = FileToParse(Path(page.name), "check.html", "text/html")
        began = time.perf_counter()
        try:
            parse(connection, file, answer, seconds=CHECK_SECONDS, cancelled=lambda: False)
            answer.seek(0)
            json.loads(answer.read())
        except (ValueError, RecursionError):
            return failure(fault("parse_server_not_understood", host_of(connection)))
        except ProviderError as error:
            return failure(error)
        return CheckResult(
            check_results.PARSES,
            details={"seconds": max(0.1, round(time.perf_counter() - began, 1))},
        )


def failure(error: ProviderError, **details: object) -> CheckResult:
    """Return the result for a failed step."""
    if error.code == check_results.KEY_LOST:
        return CheckResult(check_results.KEY_LOST, ok=False)
    return CheckResult(error.code, ok=False, details=details, said=error.kept)
