"""A reranker of a server, by the common call of Jina, Cohere, SiliconFlow and vLLM."""

import math
from collections.abc import Sequence
from typing import Any, Final

from providers.exceptions import ProviderRefused
from providers.http.client import ServerClient
from providers.protocols import FoundModel

_MIN_TEXT_CHARACTERS: Final = 200
# Longer than the limit of a search, so that the server loads the model for the next search.
_RERANK_SECONDS: Final = 30.0
_OPTIONAL_PARAMETERS: Final = ("top_n", "return_documents")
# Parameters that a reranker refused, by its address and name. They are kept until the process ends,
# so that each is refused only once.
_refused_parameters: Final[dict[tuple[str, str], set[str]]] = {}


class ServedReranker:
    """One reranker of a server."""

    def __init__(self, client: ServerClient, model: str, found: FoundModel) -> None:
        self.id = model
        self._client = client
        self._name = found.name
        self._refused = _refused_parameters.setdefault((client.base_url, found.name), set())

    def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a score for each text, the higher the better; raises a ProviderError.

        Texts that are too long for the model are halved until they fit. Parameters that the server
        refuses are omitted.
        """
        if not texts:
            return []
        while True:
            try:
                return self._scores(self._asked(query, texts), len(texts))
            except ProviderRefused as refused:
                longest = max(map(len, texts))
                if refused.code == "provider_too_long" and longest >= _MIN_TEXT_CHARACTERS:
                    texts = [text[: longest // 2] for text in texts]
                elif refused.code != "provider_declined" or not self._leave_out(refused.said):
                    raise

    def _leave_out(self, said: str) -> bool:
        """Omit the parameters that a refusal names, or all if it names none.

        Return False if none of them had been sent.
        """
        sent = [name for name in _OPTIONAL_PARAMETERS if name not in self._refused]
        self._refused.update([name for name in sent if name in said] or sent)
        return bool(sent)

    def _asked(self, query: str, texts: Sequence[str]) -> Any:
        documents = [text.strip() or "." for text in texts]
        optional = {"top_n": len(texts), "return_documents": False}
        body: dict[str, Any] = {"model": self._name, "query": query, "documents": documents}
        body |= {name: value for name, value in optional.items() if name not in self._refused}
        return self._client.post("/rerank", body, model=self._name, seconds=_RERANK_SECONDS)

    def _scores(self, answer: Any, number: int) -> list[float]:
        rows: Any = (
            (answer.get("results") or answer.get("data")) if isinstance(answer, dict) else None
        )
        try:
            scores = {
                row["index"]: float(row.get("relevance_score", row.get("score"))) for row in rows
            }
        except (TypeError, KeyError, ValueError, AttributeError):
            raise self._client.faults.not_understood() from None
        if not scores or not all(map(math.isfinite, scores.values())):
            raise self._client.faults.not_understood()
        return [scores.get(index, min(scores.values())) for index in range(number)]
