"""Finds models by their ids, `{connection}/{name}`. The name may contain slashes.

Callers keep ids, not models, because a connection may change between two calls. Synchronous,
because connections are in the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from accounts.models import Group, User
from providers.builtin.source import BuiltIn
from providers.connections import cache
from providers.exceptions import ModelNotFound
from providers.protocols import ChatModel, EmbeddingModel, FoundModel, ModelInfo, Reranker, Source

BUILTIN = "builtin"
Kind = TypeVar("Kind")
_sources: dict[str, Source] = {BUILTIN: BuiltIn()}


def chat_model(model: str) -> ChatModel:
    """Return the chat model of this id; raises ModelNotFound, or ProviderRefused for a lost key."""
    source, name = _found(model)
    return _there(source.chat_model(name), model)


def embedding_model(model: str) -> EmbeddingModel:
    """Return the embedding model of this id; raises a ProviderError."""
    source, name = _found(model)
    return _there(source.embedding_model(name), model)


def rerank_model(model: str) -> Reranker:
    """Return the reranker of this id; raises a ProviderError."""
    source, name = _found(model)
    return _there(source.rerank_model(name), model)


def available_models() -> list[ModelInfo]:
    """List the models of all sources."""
    sources = {**cache.current().sources, **_sources}
    builtin_first = sorted(sources, key=lambda name: (name != BUILTIN, name))
    return [info for name in builtin_first for info in sources[name].models()]


def models_for(user: User) -> list[ModelInfo]:
    """List the models that `user` may use."""
    closed = _closed_to(user)
    return [info for info in available_models() if info.id not in closed]


def may_use(user: User, model: str) -> bool:
    """Whether `user` may use the model, whether or not it exists."""
    return model not in _closed_to(user)


def is_built_in(model: str) -> bool:
    """Whether the model runs in this process."""
    return model.partition("/")[0] == BUILTIN


def known_dimensions(model: str) -> int | None:
    """Return the dimensions of an embedding model without a request; None if unknown."""
    connection, _, name = model.partition("/")
    if is_built_in(model):
        built_in = _sources[BUILTIN].embedding_model(name)
        return built_in.dimensions if built_in else None
    source = cache.current().sources.get(connection)
    return source.dimensions_of(name) if source else None


def described(model: str) -> FoundModel | None:
    """Return the description of a served embedding model without a request; None for others."""
    connection, _, name = model.partition("/")
    source = cache.current().sources.get(connection)
    return source.described(name) if source else None


def _closed_to(user: User) -> set[str]:
    """Return the ids of the models that `user` may not use: those of groups without `user`.

    Administrators may use all models.
    """
    sources = cache.current().sources.values()
    reserved = {model: groups for source in sources for model, groups in source.reserved().items()}
    if not reserved or user.is_admin:
        return set()
    mine = set(Group.objects.filter(members=user).values_list("pk", flat=True))
    return {model for model, groups in reserved.items() if not groups & mine}


@contextmanager
def connected(connection: str, source: Source) -> Iterator[Source]:
    """Offer the models of `source` as those of `connection` within the block."""
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
    source = _sources.get(connection) or cache.current().sources.get(connection)
    if source is None:
        raise ModelNotFound(model)
    return source, name


def _there(found: Kind | None, model: str) -> Kind:
    if found is None:
        raise ModelNotFound(model)
    return found
