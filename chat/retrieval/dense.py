"""The dense leg: chunks whose vectors are nearest to the query's vector.

The vectors of a workspace are compared one by one, which is exact. A large workspace has an index
over most of its vectors (see ingestion/index/hnsw.py); only later vectors are compared one by one.
"""

from collections.abc import Sequence
from heapq import nlargest
from itertools import chain
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Expression, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop as _
from pgvector import HalfVector
from pgvector.django import HalfVectorField, MaxInnerProduct

from accounts.models import User
from chat.retrieval.fusion import between_worst_and_best
from chat.retrieval.legs import LEG_DEPTH, LegRanking, SearchRequest
from chat.retrieval.results import LegHit
from chat.retrieval.tracing import SearchTrace
from ingestion.index.active_space import serving_space
from ingestion.index.hnsw import near_index
from ingestion.models import Embedding, EmbeddingSpace
from providers.exceptions import ProviderRefused
from providers.protocols import EmbeddingModel
from providers.registry import embedding_model
from web.sentences import Sentence
from workspaces.models import Workspace

_INDEX_SETTINGS: Final = (
    "SET LOCAL hnsw.ef_search = 200; SET LOCAL hnsw.iterative_scan = strict_order"
)


class DenseLeg:
    """Ranks chunks by the nearness of their vectors; its share of the score depends on model and language."""

    def rank(self, request: SearchRequest, trace: SearchTrace) -> LegRanking:
        """Return the nearest chunks; raises a ProviderError if the query cannot be embedded."""
        # While vectors of another model are being built, the query is embedded by the model that
        # serves.
        space = serving_space(request.workspace)
        model = embedding_model(
            space.model if space else request.workspace.setting("embedding_model")
        )
        space = (
            space
            or EmbeddingSpace.objects.filter(model=model.id, dimensions=model.dimensions).first()
        )
        hits = _hits(request, model, space, trace) if space else []
        return LegRanking(hits, share=model.dense_weight(request.query))

    def scale(self, hits: Sequence[LegHit]) -> Sequence[LegHit]:
        """Scale cosines between the worst and the best."""
        return between_worst_and_best(hits)


def _hits(
    request: SearchRequest, model: EmbeddingModel, space: EmbeddingSpace, trace: SearchTrace
) -> list[LegHit]:
    with trace.stage("embed"):
        vector = model.embed_query(request.whole)
    if len(vector) != space.dimensions:
        sentence = _(
            "“%(model)s” now returns different vectors than when the documents were indexed. The documents must be"
            " indexed again."
        )
        raise ProviderRefused(Sentence(sentence, {"model": model.id}), code="other_vectors")
    with trace.stage("dense"):
        return (
            nearest_chunks(request.user, request.workspace, space, vector, depth=LEG_DEPTH)
            if any(vector)
            else []
        )


def nearest_chunks(
    user: User | AnonymousUser,
    workspace: Workspace,
    space: EmbeddingSpace,
    vector: Sequence[float],
    *,
    depth: int,
) -> list[LegHit]:
    """Return the `depth` nearest chunks that `user` may see, nearest first."""
    held = Embedding.objects.visible_to(user).filter(workspace=workspace, space=space)
    index = near_index(workspace, space)
    if index is None:
        return _nearest(held, vector, depth, Cast("vector", HalfVectorField()))
    late = _nearest(
        held.filter(pk__gt=index.last), vector, depth, Cast("vector", HalfVectorField())
    )
    indexed = Cast("vector", HalfVectorField(dimensions=len(vector)))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_INDEX_SETTINGS)
        early = _nearest(held.filter(pk__lte=index.last), vector, depth, indexed)
    return nlargest(depth, chain(early, late), key=lambda hit: hit.score)


def _nearest(
    held: QuerySet[Embedding], vector: Sequence[float], depth: int, stored: Expression
) -> list[LegHit]:
    """Return the nearest chunks; the inner product of vectors of length 1 is their cosine."""
    rows = held.annotate(distance=MaxInnerProduct(stored, HalfVector(list(vector)))).order_by(
        "distance", "chunk"
    )
    return [
        LegHit(chunk, -distance)
        for chunk, distance in rows.values_list("chunk", "distance")[:depth]
    ]
