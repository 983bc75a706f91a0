"""The models that come along: they need no network, no configuration and no server."""

from collections.abc import Sequence
from functools import cache

from django.utils.translation import gettext as _

from providers.builtin.extractive import Extractive
from providers.builtin.static_embedding import StaticVectors
from providers.protocols import ChatModel, EmbeddingModel, ModelInfo, Reranker


class BuiltIn:
    """The source of builtin/static and builtin/extractive."""

    def models(self) -> Sequence[ModelInfo]:
        """List the two of them."""
        return [
            ModelInfo(Extractive.id, "chat", _("Built-in (quotes only, no AI)")),
            ModelInfo(StaticVectors.id, "embedding", _("Built-in static embeddings")),
        ]

    def chat_model(self, name: str) -> ChatModel | None:
        """Return the model that quotes."""
        return Extractive() if name == "extractive" else None

    def embedding_model(self, name: str) -> EmbeddingModel | None:
        """Return the static vectors."""
        return static_vectors() if name == "static" else None

    def rerank_model(self, name: str) -> Reranker | None:
        """Return nothing: there is no reranker without a server."""
        return None


@cache
def static_vectors() -> StaticVectors:
    """Return the one of this process; its files are read when it is first used."""
    return StaticVectors()
