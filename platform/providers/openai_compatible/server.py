"""An OpenAI-compatible server: DeepSeek, SiliconFlow, LM Studio, vLLM, llama.cpp and others.

It lists models and returns their clients; `openai_compatible.chat` has the chat requests. The
lists have few properties, so the others are derived from the models' names.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from providers.embedding.client import ServedEmbeddings, max_answer_bytes
from providers.http.client import ServerClient
from providers.model_names import kind_of, of_deepseek, takes_system_prompt
from providers.openai_compatible.chat import OpenAIChat
from providers.openai_compatible.rerank import ServedReranker
from providers.protocols import ChatModel, EmbeddingModel, FoundModel, Reranker

_CALL_PATHS: Final = ("/chat/completions", "/completions", "/embeddings", "/rerank", "/models")
_VERSION_IN_PATH: Final = re.compile(r"/v\d")
# The fields of vLLM; OpenRouter and LM Studio; Groq; Mistral and LM Studio.
_CONTEXT_FIELDS: Final = ("max_model_len", "context_length", "context_window", "max_context_length")


class OpenAICompatible:
    """One OpenAI-compatible server."""

    def __init__(self, client: ServerClient) -> None:
        self._client = client

    @staticmethod
    def address(base_url: str) -> str:
        """Return the address up to its version; /v1 is added if it has none."""
        address = base_url.strip().rstrip("/")
        for call in _CALL_PATHS:
            address = address.removesuffix(call)
        path = address.partition("://")[2].partition("/")[2]
        return address if _VERSION_IN_PATH.search("/" + path) else address.rstrip("/") + "/v1"

    def version(self) -> str:
        """Return "", as the API has no version; raises a ProviderError if no server answers."""
        self._rows()
        return ""

    def found_models(self) -> Sequence[FoundModel]:
        """List chat models, embedding models and rerankers; raises a ProviderError."""
        found = [described(row, self._client.faults.host) for row in self._rows()]
        return [model for model in found if model is not None]

    def chat_model(self, model: str, found: FoundModel) -> ChatModel:
        """Return the client of a chat model."""
        return OpenAIChat(self._client, model, found)

    def embedding_model(self, model: str, found: FoundModel) -> EmbeddingModel:
        """Return the client of an embedding model."""

        def embed(texts: Sequence[str], seconds: float | None) -> object:
            return _vectors(self._embedded(texts, found, seconds))

        return ServedEmbeddings(model, found, self._client.faults, embed)

    def tokens_of(self, text: str, found: FoundModel) -> object:
        """Return the token count of `text`, which comes with its embedding; 0 on some servers."""
        answer = self._embedded([text], found)
        usage = answer.get("usage") if isinstance(answer, dict) else None
        return usage.get("prompt_tokens") if isinstance(usage, dict) else None

    def rerank_model(self, model: str, found: FoundModel) -> Reranker:
        """Return the client of a reranker."""
        return ServedReranker(self._client, model, found)

    def _embedded(
        self, texts: Sequence[str], found: FoundModel, seconds: float | None = None
    ) -> Any:
        body = {"model": found.name, "input": texts, "encoding_format": "float"}
        max_bytes = max_answer_bytes(len(texts), found)
        return self._client.post(
            "/embeddings", body, model=found.name, seconds=seconds, max_bytes=max_bytes
        )

    def _rows(self) -> list[Mapping[str, Any]]:
        answer = self._client.get("/models")
        rows = answer.get("data") if isinstance(answer, dict) else answer
        if not isinstance(rows, list):
            raise self._client.faults.not_understood()
        return [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]


def described(row: Mapping[str, Any], host: str) -> FoundModel | None:
    """Return the model of a row of /models; None for images, speech and other tasks."""
    name = row["id"]
    kind = kind_of(name)
    if kind is None:
        return None
    lengths = [
        row[key] for key in _CONTEXT_FIELDS if isinstance(row.get(key), int) and row[key] > 0
    ]
    return FoundModel(
        name,
        kind,
        context_tokens=lengths[0] if lengths else None,
        thinks=kind == "chat" and of_deepseek(name, host),
        takes_system_prompt=takes_system_prompt(name),
    )


def _vectors(answer: Any) -> object:
    """Return the vectors in the order of the texts; the answer may have another order."""
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    ordered = sorted(
        enumerate(rows),
        key=lambda at: at[1]["index"] if isinstance(at[1].get("index"), int) else at[0],
    )
    return [row.get("embedding") for _at, row in ordered]
