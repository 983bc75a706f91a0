"""Finds models by their names. `{connection}/{name}` is split at the first slash: the name may have more of them.

Callers keep ids, not models: a connection may change between two questions.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from providers.builtin import BuiltIn
from providers.exceptions import ModelNotFound
from providers.protocols import ChatModel, EmbeddingModel, ModelInfo, Reranker, Source

BUILTIN = "builtin"
_sources: dict[str, Source] = {BUILTIN: BuiltIn()}


def chat_model(model: str) -> ChatModel:
    """Return the chat model of this id; raises ModelNotFound."""
    source, name = _found(model)
    found = source.chat_model(name)
    if found is None:
        raise ModelNotFound(model)
    return found


def embedding_model(model: str) -> EmbeddingModel:
    """Return the embedding model of this id; raises ModelNotFound."""
    source, name = _found(model)
    found = source.embedding_model(name)
    if found is None:
        raise ModelNotFound(model)
    return found


def rerank_model(model: str) -> Reranker:
    """Return the reranker of this id; raises ModelNotFound."""
    source, name = _found(model)
    found = source.rerank_model(name)
    if found is None:
        raise ModelNotFound(model)
    return found


def available_models() -> list[ModelInfo]:
    """List the models of all sources."""
    return [info for source in _sources.values() for info in source.models()]


@contextmanager
def connected(connection: str, source: Source) -> Iterator[Source]:
    """Offer the models of `source` under the name of `connection` for a while."""
    before = _sources.get(connection)
    _sources[connection] = source
    try:
        yield source
    finally:
        if before is None:
            del _sources[connection]
        else:
            _sources[connection] = before


def _found(model: str) -> tuple[Source, str]:
    connection, _, name = model.partition("/")
    source = _sources.get(connection)
    if source is None:
        raise ModelNotFound(model)
    return source, name
