"""The models of one connection as a source of the registry. All data comes from rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_noop as _

from providers.exceptions import ProviderRefused
from providers.models import Model
from providers.protocols import (
    ChatModel,
    EmbeddingModel,
    FoundModel,
    ModelInfo,
    ModelKind,
    ModelServer,
    Reranker,
)
from web.sentences import Sentence


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """The data of a model's row."""

    info: ModelInfo
    found: FoundModel
    groups: frozenset[UUID]
    is_offered: bool

    @classmethod
    def read(cls, row: Model) -> "OfferedModel":
        """Return the data of a row."""
        found = row.description
        groups = frozenset(group.pk for group in row.groups.all())
        return cls(ModelInfo(row.model_id, found.kind, str(row)), found, groups, row.is_offered)


class ServerSource:
    """The models of a connection."""

    def __init__(
        self, slug: str, name: str, offered: Mapping[str, OfferedModel], server: ModelServer | None
    ) -> None:
        self._slug = slug
        self._name = name
        self._offered = offered
        self._server = server

    def models(self) -> Sequence[ModelInfo]:
        """List the models of the last refresh."""
        return [row.info for row in self._offered.values() if row.is_offered]

    def reserved(self) -> dict[str, frozenset[UUID]]:
        """Return the groups of each restricted model by its id."""
        return {row.info.id: row.groups for row in self._offered.values() if row.groups}

    def dimensions_of(self, name: str) -> int | None:
        """Return the dimensions of an embedding model; None if not measured."""
        found = self.described(name)
        return found.dimensions if found else None

    def described(self, name: str) -> FoundModel | None:
        """Return the description of an embedding model; None if there is none of this name."""
        row = self._row(name, "embedding")
        return row.found if row else None

    def chat_model(self, name: str) -> ChatModel | None:
        """Return a chat model; raises a `ProviderError` for a lost key."""
        row = self._row(name, "chat")
        return self._live_server().chat_model(row.info.id, row.found) if row else None

    def embedding_model(self, name: str) -> EmbeddingModel | None:
        """Return an embedding model; raises a `ProviderError` for a lost key."""
        row = self._row(name, "embedding")
        return self._live_server().embedding_model(row.info.id, row.found) if row else None

    def rerank_model(self, name: str) -> Reranker | None:
        """Return a reranker; raises a `ProviderError` for a lost key."""
        row = self._row(name, "rerank")
        return self._live_server().rerank_model(row.info.id, row.found) if row else None

    def _row(self, name: str, kind: ModelKind) -> OfferedModel | None:
        row = self._offered.get(name)
        return row if row is not None and row.found.kind == kind else None

    def _live_server(self) -> ModelServer:
        if self._server is None:
            sentence = _(
                "The API key of the connection “%(name)s” is lost. An administrator must enter it again."
            )
            raise ProviderRefused(Sentence(sentence, {"name": self._name}), code="key_lost")
        return self._server
