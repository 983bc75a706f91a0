"""The `openai` library only sends requests: no retries, no own headers, no unlimited reads."""

import asyncio
import gzip
import subprocess
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fakes.servers import FakeDeepSeek
from fakes.sockets import Answer, Request
from support.model_listener import QUICK, told, until

from providers.connections.factory import server_for
from providers.exceptions import ProviderError, ProviderUnavailable
from providers.http import transports
from providers.http.timeouts import Timeouts
from providers.protocols import ChatRequest, FoundModel

ROOT = Path(__file__).resolve().parents[3]
CHAT = FoundModel("deepseek-v4-flash", "chat")
EMBEDS = FoundModel("bge-m3", "embedding")
ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-of-the-environment",
    "OPENAI_ADMIN_KEY": "sk-of-an-administrator",
    "OPENAI_ORG_ID": "org-secret",
    "OPENAI_PROJECT_ID": "proj-secret",
    "OPENAI_BASE_URL": "http://127.0.0.1:1",
    "OPENAI_CUSTOM_HEADERS": "X-Secret: environment\nAuthorization: Bearer environment\nUser-Agent: environment",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1",
}


async def ask_everything(url: str, key: str) -> None:
    """Send each kind of request once: models, embeddings, an answer, and the names of models."""
    server = server_for("openai", url, key, QUICK)
    model = server.chat_model("x/d", CHAT)
    assert (await told(model))[2] == "stop"
    assert "bge-m3" in await model.names()  # type: ignore[attr-defined]
    assert await asyncio.to_thread(server.found_models)
    assert await asyncio.to_thread(server.embedding_model("x/e", EMBEDS).embed_documents, ["blue"])


@pytest.mark.parametrize("key", ["sk-the-right-one", ""])
async def test_requests_do_not_describe_this_machine_or_its_environment(key, deepseek, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    deepseek.key = key

    await ask_everything(deepseek.url, key)

    assert [request.path for request in deepseek.requests] == [
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models",
        "/v1/embeddings",
    ]
    for request in deepseek.requests:
        assert request.headers.keys() <= transports.ALLOWED_HEADERS
        assert request.headers["user-agent"] == "reading-room"
        assert request.headers.get("authorization") == (f"Bearer {key}" if key else None)
        assert "environment" not in str(request.headers)


@pytest.mark.parametrize("fault", ["429", "500", "503", "reset"])
async def test_a_failed_request_is_not_repeated_by_the_library(fault, deepseek):
    deepseek.fault, deepseek.retry_after = fault, "1"
    server = server_for("openai", deepseek.url, deepseek.key, QUICK)
    most = (
        2 if fault == "reset" else 1
    )  # A socket that was closed at this very moment is tried once more by us.

    await told(server.chat_model("x/d", CHAT))
    chats = len(deepseek.requests)
    with pytest.raises(ProviderError):
        await asyncio.to_thread(server.found_models)

    assert chats <= most
    assert len(deepseek.requests) - chats <= most


class EndlessError(FakeDeepSeek):
    """Fails with an endless error: without pauses if `rate` is 0, else slowly."""

    async def answer(self, request: Request) -> Answer:
        return Answer(500, frames=self._words())

    async def _words(self) -> AsyncIterator[bytes]:
        yield b'{"error": "'
        while True:
            yield b"no " * (20_000 if not self.rate else 1)
            await asyncio.sleep(0.001 if not self.rate else 0.05)


@pytest.mark.parametrize("kind", ["openai", "ollama"])
@pytest.mark.parametrize("rate", [0, 20])
async def test_an_endless_error_is_read_up_to_the_limit(kind, rate, monkeypatch):
    monkeypatch.setattr(transports, "ERROR_READ_SECONDS", 0.5)
    with EndlessError(rate=rate) as endless:
        server = server_for(kind, endless.url, "", Timeouts(connect=1, first_token=20, silence=20))
        began = time.monotonic()

        assert (await told(server.chat_model("x/d", CHAT)))[2] == "provider_failing"
        with pytest.raises(ProviderUnavailable):
            await asyncio.to_thread(server.found_models)

        assert time.monotonic() - began < 8
        await until(lambda: endless.open_streams == 0)


@pytest.mark.parametrize("kind", ["openai", "ollama"])
@pytest.mark.parametrize(
    ("status", "code"), [(200, "provider_not_understood"), (500, "provider_failing")]
)
@pytest.mark.parametrize("times", [1, 3])
async def test_a_compressed_answer_is_not_decompressed(
    kind, status, code, times, deepseek, monkeypatch
):
    content = bytes(50_000_000)
    for _time in range(times):
        content = gzip.compress(content)

    async def answer(_request: Request) -> Answer:
        return Answer(status, content, headers={"Content-Encoding": ", ".join(["gzip"] * times)})

    monkeypatch.setattr(deepseek, "answer", answer)
    server = server_for(kind, deepseek.url, deepseek.key, QUICK)
    tracemalloc.start()
    try:
        assert (await told(server.chat_model("x/d", CHAT)))[2] == code
        with pytest.raises(ProviderError) as caught:
            await asyncio.to_thread(server.found_models)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert caught.value.code == code
    assert most < 32 * 2**20


async def test_an_endless_list_of_models_is_refused(deepseek, monkeypatch):
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    async def answer(_request: Request) -> Answer:
        return Answer(frames=endless())

    monkeypatch.setattr(deepseek, "answer", answer)
    server = server_for("openai", deepseek.url, deepseek.key, QUICK)

    with pytest.raises(ProviderUnavailable) as caught:
        await asyncio.to_thread(server.found_models)

    assert caught.value.code == "provider_silent"


async def test_a_cancelled_question_closes_its_socket(deepseek):
    deepseek.rate = 20
    server = server_for("openai", deepseek.url, deepseek.key, Timeouts())
    await told(server.chat_model("x/d", CHAT))
    task = asyncio.ensure_future(told(server.chat_model("x/d", CHAT), ChatRequest([], "")))
    await asyncio.sleep(0.3)
    assert deepseek.open_streams == 1

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    cancelled = time.monotonic()
    await until(lambda: deepseek.open_streams == 0)
    assert time.monotonic() - cancelled < 1


def test_the_library_is_loaded_at_the_first_request_to_such_a_server():
    code = """
import asyncio, sys
sys.path[:0] = [".", "platform"]
import django, os; os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"; django.setup()
from providers.exceptions import ProviderError
from providers.protocols import FoundModel
from providers.connections.factory import server_for

async def ask(kind):
    model = server_for(kind, "http://127.0.0.1:1").chat_model("x/m", FoundModel("m", "chat"))
    try:
        await model.names()
    except ProviderError as error:
        print(error.code, "openai" in sys.modules)

asyncio.run(ask("ollama"))
asyncio.run(ask("openai"))
"""
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout

    assert said.split("\n")[:2] == ["provider_unreachable False", "provider_unreachable True"]
