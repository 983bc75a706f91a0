from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fakes.servers import FakeDeepSeek, FakeOllama, fake_deepseek, fake_ollama
from support.model_listener import QUICK
from support.quotable_passage import Quotable

from providers.builtin.extractive import Extractive
from providers.connections.factory import server_for
from providers.http import pools
from providers.protocols import (
    ChatModel,
    ChatRequest,
    Done,
    FoundModel,
    ModelServer,
    Reasoning,
    Text,
)

KEY = "sk-the-right-one"


@pytest.fixture
def ask():
    """Return a function that asks builtin/extractive and returns the whole answer."""

    async def ask(question: str, *texts: str | Quotable, language: str = "en") -> str:
        passages = [
            text if isinstance(text, Quotable) else Quotable(n, text)
            for n, text in enumerate(texts, start=1)
        ]
        request = ChatRequest(messages=[], question=question, passages=passages, language=language)
        events = [event async for event in Extractive().stream(request)]
        assert events[-1] == Done()
        assert all(isinstance(event, Text) for event in events[:-1])
        return "".join(event.text for event in events[:-1])

    return ask


@dataclass(frozen=True)
class Said:
    """A minimal message."""

    text: str
    role: str = "user"


@dataclass(frozen=True)
class Heard:
    """The reasoning, the text and the end of an answer."""

    reasoning: str
    text: str
    end: Done


@pytest.fixture
def said():
    """Return the class of messages."""
    return Said


@pytest.fixture
def listen():
    """Return a function that asks a model and returns its answer; raises a ProviderError."""

    async def listen(model: ChatModel, *texts: str | Said, **request: object) -> Heard:
        turns = [
            text if isinstance(text, Said) else Said(text) for text in texts or ("What is blue?",)
        ]
        events = [
            event async for event in model.stream(ChatRequest(turns, turns[-1].text, **request))
        ]
        assert isinstance(events[-1], Done)
        assert not any(isinstance(event, Done) for event in events[:-1])
        thought = "".join(event.text for event in events if isinstance(event, Reasoning))
        return Heard(
            thought, "".join(event.text for event in events if isinstance(event, Text)), events[-1]
        )

    return listen


@pytest.fixture(autouse=True)
def _close_sockets() -> Iterator[None]:
    yield
    pools.close()


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with fake_ollama() as server:
        yield server


@pytest.fixture
def deepseek() -> Iterator[FakeDeepSeek]:
    with fake_deepseek(key=KEY) as server:
        yield server


@pytest.fixture
def ollama_server(ollama: FakeOllama) -> ModelServer:
    return server_for("ollama", ollama.url, "", QUICK)


@pytest.fixture
def deepseek_server(deepseek: FakeDeepSeek) -> ModelServer:
    return server_for("openai", deepseek.url, KEY, QUICK)


@pytest.fixture
def chat_model(request: pytest.FixtureRequest):
    """Return a function that returns the client of the fake's chat model."""

    def chat_model(kind: str, **known: object) -> ChatModel:
        name = {"ollama": "qwen2.5:7b", "deepseek": "deepseek-v4-flash"}[kind]
        server = request.getfixturevalue(f"{kind}_server")
        return server.chat_model(
            f"{kind}/{name}", FoundModel(known.pop("name", name), "chat", **known)
        )

    return chat_model
