"""An Ollama server by its native API, which alone accepts context size and thinking.

It lists models and returns their clients; `ollama.chat` has the chat requests.
"""

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from providers.embedding.client import ServedEmbeddings, max_answer_bytes
from providers.exceptions import ProviderRefused
from providers.http.client import MAX_SHORT_ANSWER_BYTES, ServerClient
from providers.http.refusals import excerpt
from providers.model_names import kind_of, takes_system_prompt
from providers.ollama.chat import OllamaChat, keep_alive
from providers.protocols import ChatModel, EmbeddingModel, FoundModel, ModelKind, Reranker

_MAX_CONCURRENT_REQUESTS: Final = 4
_NUM_CTX: Final = re.compile(r"^num_ctx\s+([1-9]\d{0,8})\s*$", re.MULTILINE)
_EMBEDDING_FAMILIES: Final = {
    "bert",
    "nomic-bert",
    "jina-bert-v2",
    "xlmr",
    "gemma-embedding",
    "nomic-bert-moe",
}


class Ollama:
    """One Ollama server."""

    def __init__(self, client: ServerClient) -> None:
        self._client = client

    @staticmethod
    def address(base_url: str) -> str:
        """Return the address without a trailing slash, /api or /v1."""
        address = base_url.strip().rstrip("/")
        return address.removesuffix("/api").removesuffix("/v1").rstrip("/")

    def version(self) -> str:
        """Return “Ollama” and the version; raises a ProviderError."""
        answer = self._client.get("/api/version", max_bytes=MAX_SHORT_ANSWER_BYTES)
        if not isinstance(answer, dict) or not isinstance(answer.get("version"), str):
            raise self._client.faults.not_understood()
        return f"Ollama {excerpt(answer['version'], self._client.faults.key)}"

    def found_models(self) -> Sequence[FoundModel]:
        """List the pulled models; raises a ProviderError."""
        answer = self._client.get("/api/tags")
        rows = answer.get("models") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise self._client.faults.not_understood()
        named = [row for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)]
        with ThreadPoolExecutor(_MAX_CONCURRENT_REQUESTS) as threads:
            return list(threads.map(self._found, named))

    def chat_model(self, model: str, found: FoundModel) -> ChatModel:
        """Return the client of a chat model."""
        return OllamaChat(self._client, model, found)

    def embedding_model(self, model: str, found: FoundModel) -> EmbeddingModel:
        """Return the client of an embedding model."""

        def embed(texts: Sequence[str], seconds: float | None) -> object:
            answer = self._embedded(texts, found, seconds)
            return answer.get("embeddings") if isinstance(answer, dict) else None

        return ServedEmbeddings(model, found, self._client.faults, embed)

    def tokens_of(self, text: str, found: FoundModel) -> object:
        """Return the token count of `text`, which comes with its embedding."""
        answer = self._embedded([text], found)
        return answer.get("prompt_eval_count") if isinstance(answer, dict) else None

    def rerank_model(self, model: str, found: FoundModel) -> Reranker:
        """Raise ProviderRefused: Ollama has no call for reranking."""
        raise self._client.faults.cannot(found.name)

    def _embedded(
        self, texts: Sequence[str], found: FoundModel, seconds: float | None = None
    ) -> Any:
        # The server truncates longer texts, since only its tokenizer counts exactly.
        body = {"model": found.name, "input": texts, "truncate": True, **keep_alive()}
        max_bytes = max_answer_bytes(len(texts), found)
        return self._client.post(
            "/api/embed", body, model=found.name, seconds=seconds, max_bytes=max_bytes
        )

    def _found(self, row: Mapping[str, Any]) -> FoundModel:
        """Return the description of one model; from its row alone if /api/show is refused."""
        name = row["name"]
        try:
            shown = self._client.post("/api/show", {"model": name}, model=name, seconds=10)
        except ProviderRefused:
            shown = {}
        return described(name, row, shown if isinstance(shown, dict) else {})


def described(name: str, row: Mapping[str, Any], shown: Mapping[str, Any]) -> FoundModel:
    """Return a model as /api/tags and /api/show describe it."""
    capabilities = shown.get("capabilities")
    capabilities = capabilities if isinstance(capabilities, list) else []
    details = shown.get("details") or row.get("details")
    kind = _kind(name, capabilities, details if isinstance(details, dict) else {})
    context = _length(shown, "context_length")
    return FoundModel(
        name,
        kind,
        context_tokens=_window(context, shown) if kind == "embedding" else context,
        dimensions=_length(shown, "embedding_length") if kind == "embedding" else None,
        thinks="thinking" in capabilities,
        takes_system_prompt=takes_system_prompt(name),
    )


def _kind(name: str, capabilities: Sequence[str], details: Mapping[str, Any]) -> ModelKind:
    if "completion" in capabilities:
        return "chat"
    if "embedding" in capabilities or str(details.get("family")) in _EMBEDDING_FAMILIES:
        return "embedding"
    return "embedding" if kind_of(name) == "embedding" else "chat"


def _window(context: int | None, shown: Mapping[str, Any]) -> int | None:
    """Return the context of an embedding model, limited by `num_ctx`: requests do not change it."""
    chosen = _NUM_CTX.search(str(shown.get("parameters")))
    return min(filter(None, [context, int(chosen[1]) if chosen else None]), default=None)


def _length(shown: Mapping[str, Any], name: str) -> int | None:
    """Return a number of `model_info`, whose keys begin with the architecture."""
    info = shown.get("model_info")
    if not isinstance(info, dict):
        return None
    own = info.get(f"{info.get('general.architecture')}.{name}")
    found = own or next((value for key, value in info.items() if key.endswith(f".{name}")), None)
    return found if isinstance(found, int) and found > 0 else None
