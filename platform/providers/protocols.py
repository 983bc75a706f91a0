"""Protocols of models and their servers, and the values that they exchange.

The types are structural, so callers pass their own objects without conversion. A chat request has
both the composed messages and their parts; each model reads the ones that it can use.
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
    """A passage of a document that may be quoted, with the number of its citation."""

    @property
    def n(self) -> int:
        """The number of the citation, from 1."""

    @property
    def text(self) -> str:
        """The text of the document, unchanged."""

    @property
    def document_name(self) -> str:
        """The name of the passage's document."""

    @property
    def headings(self) -> Sequence[str]:
        """The headings above the passage, the topmost first."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question to a chat model. `language` is the code of the language to answer in."""

    messages: Sequence[Turn]
    question: str
    passages: Sequence[Passage] = ()
    language: str = "en"
    temperature: float | None = None
    think: bool = True
    """False asks a reasoning model to answer without reasoning, if its server can."""
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The next piece of a model's reasoning, which is never sent back to a model."""

    text: str


@dataclass(frozen=True, slots=True)
class TextWasReasoning:
    """All text so far was reasoning: the model closed a thought that it had not opened."""


@dataclass(frozen=True, slots=True)
class Done:
    """The end of an answer, always the last event.

    `usage` counts tokens by kind; it is empty if the model does not report them.
    """

    finish_reason: str = "stop"
    usage: Mapping[str, int] = field(default_factory=dict)


ChatEvent = Text | Reasoning | TextWasReasoning | Done


class ChatModel(Protocol):
    """A model that answers questions."""

    @property
    def id(self) -> str:
        """The id of the model: connection/name."""

    @property
    def context_tokens(self) -> int | None:
        """The maximal number of tokens of prompt and answer together; None if unknown."""

    @property
    def takes_system_prompt(self) -> bool:
        """Whether the model accepts a system message; else instructions go into the question."""

    def stream(self, request: ChatRequest) -> AsyncIterator[ChatEvent]:
        """Yield the answer in pieces, `Done` last; raises a `ProviderError`.

        Closing or cancelling the iterator ends the request.
        """


class EmbeddingModel(Protocol):
    """A model that maps texts to vectors; texts of similar meaning get nearby vectors."""

    @property
    def id(self) -> str:
        """The id of the model: connection/name."""

    @property
    def dimensions(self) -> int:
        """The number of dimensions of a vector."""

    def dense_weight(self, query: str) -> float:
        """Return the measured weight of vectors beside keywords for this query, from 0 to 1."""

    def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return one vector of length 1 for each text; raises a `ProviderError`."""

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a query, to compare with documents; raises a `ProviderError`."""


class Reranker(Protocol):
    """A model that scores how well each of a few texts answers a question."""

    @property
    def id(self) -> str:
        """The id of the model: connection/name."""

    def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a score for each text, in order, higher is better; raises a `ProviderError`."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model in a list."""

    id: str
    kind: ModelKind
    label: str


class Source(Protocol):
    """A source of models: the built-in models, or a connection."""

    def models(self) -> Sequence[ModelInfo]:
        """List the models of the source."""

    def chat_model(self, name: str) -> ChatModel | None:
        """Return the chat model of this name; None if there is none."""

    def embedding_model(self, name: str) -> EmbeddingModel | None:
        """Return the embedding model of this name; None if there is none."""

    def rerank_model(self, name: str) -> Reranker | None:
        """Return the reranker of this name; None if there is none."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model as its server describes it; unknown properties are None."""

    name: str
    kind: ModelKind
    context_tokens: int | None = None
    dimensions: int | None = None
    thinks: bool = False
    """Whether the model reasons before it answers, and a parameter turns this off."""
    takes_system_prompt: bool = True
    token_rates: TokenRates | None = None
    """The measured token rates of an embedding model; None if unknown."""


class ModelServer(Protocol):
    """The client of a model server, for all protocols. Between calls it holds only sockets."""

    def version(self) -> str:
        """Return name and version of the server, "" if unknown; raises a `ProviderError`."""

    def found_models(self) -> Sequence[FoundModel]:
        """List the models that the server offers; raises a `ProviderError`."""

    def chat_model(self, model: str, found: FoundModel) -> ChatModel:
        """Return the client of a chat model, with the id `model`."""

    def embedding_model(self, model: str, found: FoundModel) -> EmbeddingModel:
        """Return the client of an embedding model; its `dimensions` come from `found`."""

    def tokens_of(self, text: str, found: FoundModel) -> object:
        """Return the server's unvalidated token count of `text`; raises a `ProviderError`."""

    def rerank_model(self, model: str, found: FoundModel) -> Reranker:
        """Return the client of a reranker."""
