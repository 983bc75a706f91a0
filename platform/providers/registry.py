"""Finds models by their names. `{connection}/{name}` is split at the first slash: the name may have more of them.

Callers keep ids, not models: a connection may change between two questions. Synchronous: what is not built in stands
in the database.
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
    """Return the chat model of this id; raises ModelNotFound, or ProviderRefused where its key is lost."""
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
    return [info for source in _builtin_first(sources) for info in source.models()]


def models_for(user: User) -> list[ModelInfo]:
    """List the models that `user` may use."""
    closed = _closed_to(user)
    return [info for info in available_models() if info.id not in closed]


def may_use(user: User, model: str) -> bool:
    """Whether `user` may use a model, if there is one of this name."""
    return model not in _closed_to(user)


def is_built_in(model: str) -> bool:
    """Whether a model works in this very process and waits for no server."""
    return model.partition("/")[0] == BUILTIN


def known_dimensions(model: str) -> int | None:
    """Return how many numbers a vector of an embedding model has, as far as that is known without asking its server."""
    connection, _, name = model.partition("/")
    if is_built_in(model):
        built_in = _sources[BUILTIN].embedding_model(name)
        return built_in.dimensions if built_in else None
    source = cache.current().sources.get(connection)
    return source.dimensions_of(name) if source else None


def described(model: str) -> FoundModel | None:
    """Return what is known of an embedding model behind a wire, without asking its server; None of any other."""
    connection, _, name = model.partition("/")
    source = cache.current().sources.get(connection)
    return source.described(name) if source else None


def _closed_to(user: User) -> set[str]:
    """Return the models that are for groups which `user` is not in; administrators may use all."""
    sources = cache.current().sources.values()
    reserved = {model: groups for source in sources for model, groups in source.reserved().items()}
    if not reserved or user.is_admin:
        return set()
    mine = set(Group.objects.filter(members=user).values_list("pk", flat=True))
    return {model for model, groups in reserved.items() if not groups & mine}


def _builtin_first(sources: dict[str, Source]) -> list[Source]:
    return [sources[name] for name in sorted(sources, key=lambda name: (name != BUILTIN, name))]


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
    source = _sources.get(connection) or cache.current().sources.get(connection)
    if source is None:
        raise ModelNotFound(model)
    return source, name


def _there(found: Kind | None, model: str) -> Kind:
    if found is None:
        raise ModelNotFound(model)
    return found
