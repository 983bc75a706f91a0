"""A model server without sockets, for tests of connections. How one speaks to real ones is tested
against the fakes of `tests/fakes`.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from providers.connections import cache
from providers.exceptions import ProviderError
from providers.key_encryption import seal
from providers.models import Connection, Model
from providers.protocols import ChatEvent, ChatRequest, Done, FoundModel, Text

CHAT = FoundModel("llama3.2:3b", "chat", context_tokens=8192)
EMBEDDING = FoundModel("all-minilm:latest", "embedding", context_tokens=256, dimensions=64)


class ServedModel:
    """Answers with its own name, and embeds into numbers that depend on the text and on the model."""

    context_tokens: int | None = None
    takes_system_prompt = True

    def __init__(self, server: "ServedModels", model: str, found: FoundModel) -> None:
        self.server = server
        self.id = model
        self.dimensions = found.dimensions or server.size

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatEvent]:
        self.server.refuse_if_ill()
        yield Text(f"I am {self.id}.")
        yield Done()

    def dense_weight(self, query: str) -> float:
        return 0.5

    def embed_documents(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.server.refuse_if_ill()
        self.server.embedded += [(self.id, text) for text in texts]
        return [vector_of(text, self.dimensions) for text in texts]

    def embed_query(self, text: str) -> Sequence[float]:
        self.server.refuse_if_ill()
        return vector_of(text, self.dimensions)

    def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        self.server.refuse_if_ill()
        return [float(len(text)) for text in texts]


@dataclass
class ServedModels:
    """The server: its models, its faults, and the requests it was given."""

    offers: list[FoundModel] = field(default_factory=lambda: [CHAT, EMBEDDING])
    ill: ProviderError | None = None
    size: int = 64
    keys: list[str] = field(default_factory=list)
    embedded: list[tuple[str, str]] = field(default_factory=list)

    def refuse_if_ill(self) -> None:
        if self.ill is not None:
            raise self.ill

    def version(self) -> str:
        self.refuse_if_ill()
        return "0.9.9"

    def found_models(self) -> Sequence[FoundModel]:
        self.refuse_if_ill()
        return self.offers

    def chat_model(self, model: str, found: FoundModel) -> ServedModel:
        return ServedModel(self, model, found)

    embedding_model = rerank_model = chat_model

    def tokens_of(self, text: str, found: FoundModel) -> object:
        return None


def vector_of(text: str, dimensions: int) -> list[float]:
    """Return a vector of length 1 that is near those of texts with the same first letter."""
    digest = hashlib.sha256(text[:1].lower().encode()).digest()
    numbers = [0.0] * dimensions
    numbers[digest[0] % dimensions] = 1.0
    return numbers


def make_connection(name: str = "Lab", *, key: str = "", **fields: object) -> Connection:
    connection = Connection.objects.create(
        name=name,
        slug=fields.pop("slug", name.lower()),
        base_url=fields.pop("base_url", "http://127.0.0.1:9"),
        sealed_key=seal(key) if key else None,
        **fields,
    )
    cache.clear()
    return connection


def make_model(
    connection: Connection,
    found: FoundModel = CHAT,
    groups: Sequence[object] = (),
    **fields: object,
) -> Model:
    values = {
        "kind": found.kind,
        "context_tokens": found.context_tokens,
        "dimensions": found.dimensions,
        "last_seen": timezone.now(),
        **fields,
    }
    model = Model.objects.create(connection=connection, name=found.name, **values)
    model.groups.set(groups)
    cache.clear()
    return model
