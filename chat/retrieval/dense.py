"""The leg of meaning: chunks whose vectors lie near the query's.

A workspace's vectors are compared one by one, which is exact, until it is large: then most of them are in an index of
its own (see ingestion/index/hnsw.py), and only those that came later are compared one by one.
"""

from collections.abc import Sequence
from heapq import nlargest
from itertools import chain
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Expression, QuerySet
from django.db.models.functions import Cast
from pgvector import HalfVector
from pgvector.django import HalfVectorField, MaxInnerProduct

from accounts.models import User
from chat.retrieval.results import Found
from ingestion.index.hnsw import NearIndex, near_index
from ingestion.models import Embedding, EmbeddingSpace
from workspaces.models import Workspace

_LOOK_UP: Final = "SET LOCAL hnsw.ef_search = 200; SET LOCAL hnsw.iterative_scan = strict_order"


def dense_leg(
    user: User | AnonymousUser, workspace: Workspace, space: EmbeddingSpace, vector: Sequence[float], *, depth: int
) -> list[Found]:
    """Return the `depth` nearest chunks that `user` may see, nearest first."""
    held = Embedding.objects.visible_to(user).filter(workspace=workspace, space=space)
    index = near_index(workspace, space)
    if index is None:
        return _nearest(held, vector, depth, Cast("vector", HalfVectorField()))
    late = _nearest(held.filter(pk__gt=index.last), vector, depth, Cast("vector", HalfVectorField()))
    return nlargest(depth, chain(_looked_up(held, index, vector, depth), late), key=lambda found: found.score)


def _looked_up(held: QuerySet[Embedding], index: NearIndex, vector: Sequence[float], depth: int) -> list[Found]:
    as_indexed = Cast("vector", HalfVectorField(dimensions=len(vector)))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOOK_UP)
        return _nearest(held.filter(pk__lte=index.last), vector, depth, as_indexed)


def _nearest(held: QuerySet[Embedding], vector: Sequence[float], depth: int, stored: Expression) -> list[Found]:
    """Return what is nearest; the product of vectors of length 1 is their cosine."""
    rows = held.annotate(distance=MaxInnerProduct(stored, HalfVector(list(vector)))).order_by("distance", "chunk")
    return [Found(chunk, -distance) for chunk, distance in rows.values_list("chunk", "distance")[:depth]]
