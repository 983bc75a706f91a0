"""What a model is to the rest of the house: structural types, so that callers hand over their own values as they are.

A chat model gets both the composed messages and what they were composed from; each reads what it
can use.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from language.tokens import TokenRates

Vector = Sequence[float]
ModelKind = Literal["chat", "embedding", "rerank"]


class Turn(Protocol):
    """One message to a model."""

    @property
    def role(self) -> Literal["system", "user", "assistant"]:
        """The author of the message."""

    @property
    def text(self) -> str:
        """The text of the message."""


class Passage(Protocol):
    """A piece of a document that may be quoted, and the number it is cited by."""

    @property
    def n(self) -> int:
        """The number of the citation, from 1."""

    @property
    def text(self) -> str:
        """The words as they stand in the document."""

    @property
    def document_name(self) -> str:
        """The name of the document that it is from."""

    @property
    def headings(self) -> Sequence[str]:
        """The headings above it, the topmost first."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question to a chat model. `language` is the code of the language to answer in."""

    messages: Sequence[Turn]
    question: str
    passages: Sequence[Passage] = ()
    language: str = "en"
    temperature: float | None = None
    think: bool = True
    """False asks a model that thinks before it answers not to, where its server lets it choose."""
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The next piece of what a model thinks before it answers; never sent back to one."""

    text: str


@dataclass(frozen=True, slots=True)
class TextWasReasoning:
    """All text so far was thought: the model ended a thought whose beginning it had not marked."""


@dataclass(frozen=True, slots=True)
class Done:
    """The end of an answer, always last. `usage` counts tokens by kind, empty where the model does not say."""

    finish_reason: str = "stop"
    usage: Mapping[str, int] = field(default_factory=dict)


ChatEvent = Text | Reasoning | TextWasReasoning | Done


class ChatModel(Protocol):
    """Something that answers."""

    @property
    def id(self) -> str:
        """Its name everywhere: connection/name."""

    @property
    def context_tokens(self) -> int | None:
        """How many tokens prompt and answer may have together; None if unknown."""

    @property
    def takes_system_prompt(self) -> bool:
        """Whether instructions may come as a system message; R1-like models want them with the question."""

    def stream(self, request: ChatRequest) -> AsyncIterator[ChatEvent]:
        """Answer piece by piece, `Done` last. Closing or cancelling it ends the work; raises a `ProviderError`."""


class EmbeddingModel(Protocol):
    """Something that turns texts into vectors which are near where meanings are."""

    @property
    def id(self) -> str:
        """Its name everywhere: connection/name."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""

    def dense_weight(self, query: str) -> float:
        """Return how much nearness of vectors counts beside keywords for this query, from 0 to 1, as measured."""

    def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return one vector of length 1 for each text; raises a `ProviderError`."""

    def embed_query(self, text: str) -> Vector:
        """Return the vector that documents are compared with; raises a `ProviderError`."""


class Reranker(Protocol):
    """Something that says how well each of a few texts answers a question."""

    @property
    def id(self) -> str:
        """Its name everywhere: connection/name."""

    def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a score for each text, the higher the better, in the order of the texts; raises a `ProviderError`."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model in a list."""

    id: str
    kind: ModelKind
    label: str


class Source(Protocol):
    """A source of models: the built-in models, or a connection."""

    def models(self) -> Sequence[ModelInfo]:
        """List what there is."""

    def chat_model(self, name: str) -> ChatModel | None:
        """Return the chat model of this name, None if there is none."""

    def embedding_model(self, name: str) -> EmbeddingModel | None:
        """Return the embedding model of this name, None if there is none."""

    def rerank_model(self, name: str) -> Reranker | None:
        """Return the reranker of this name, None if there is none."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model as its server describes it; what the server does not say is None."""

    name: str
    kind: ModelKind
    context_tokens: int | None = None
    dimensions: int | None = None
    thinks: bool = False
    """Whether it can think before it answers, and be told not to."""
    takes_system_prompt: bool = True
    token_rates: TokenRates | None = None
    """How an embedding model counts tokens; None where its server was not asked, or did not say."""


class ModelServer(Protocol):
    """The client of a model server, for all protocols. Between calls it holds only sockets."""

    def version(self) -> str:
        """Return what the server calls itself, "" if it does not say; raises a `ProviderError`."""

    def found_models(self) -> Sequence[FoundModel]:
        """List what the server offers; raises a `ProviderError`."""

    def chat_model(self, model: str, found: FoundModel) -> ChatModel:
        """Return the model as one that answers, to be called `model` here."""

    def embedding_model(self, model: str, found: FoundModel) -> EmbeddingModel:
        """Return the model as one that embeds; its `dimensions` come from `found`."""

    def tokens_of(self, text: str, found: FoundModel) -> object:
        """Return how many tokens an embedding model makes of `text`, as the server says; raises a `ProviderError`."""

    def rerank_model(self, model: str, found: FoundModel) -> Reranker:
        """Return the model as one that reranks."""
