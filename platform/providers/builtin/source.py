"""The source of the built-in models."""

from collections.abc import Sequence
from functools import cache

from django.utils.translation import gettext as _

from providers.builtin.extractive import Extractive
from providers.builtin.static_embedding import StaticVectors
from providers.protocols import ChatModel, EmbeddingModel, ModelInfo, Reranker


class BuiltIn:
    """The source of builtin/static and builtin/extractive."""

    def models(self) -> Sequence[ModelInfo]:
        """List both models."""
        return [
            ModelInfo(Extractive.id, "chat", _("Built-in (quotes only, no AI)")),
            ModelInfo(StaticVectors.id, "embedding", _("Built-in static embeddings")),
        ]

    def chat_model(self, name: str) -> ChatModel | None:
        """Return builtin/extractive."""
        return Extractive() if name == "extractive" else None

    def embedding_model(self, name: str) -> EmbeddingModel | None:
        """Return builtin/static."""
        return static_vectors() if name == "static" else None

    def rerank_model(self, name: str) -> Reranker | None:
        """Return None: there is no built-in reranker."""
        return None


@cache
def static_vectors() -> StaticVectors:
    """Return the instance of this process; its first use reads the files."""
    return StaticVectors()
