"""The keyword leg: BM25 inside PostgreSQL.

A chunk's side of the sum was stored when it was indexed, the query's side is the rarity of its terms in the workspace;
both are sparse vectors, the score is their product. Small workspaces are ranked exactly; in large ones candidates come
from the rarest terms first, until there are enough of them, which changes nothing among the first ten.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from pgvector.django import MaxInnerProduct

from accounts.models import User
from chat.retrieval import term_statistics
from chat.retrieval.results import Found
from ingestion.lexical_terms import query_terms, sparse_vector, term_id
from ingestion.models import Chunk
from workspaces.models import Workspace

MOST_TERMS: Final = 256
SMALL: Final = 2_000
"""Chunks; a workspace up to this size is ranked exactly."""
ENOUGH: Final = 3_000
FEW: Final = 300
EARLIER_COUNTS: Final = 0.5
"""How much a term of the question before counts beside those of the question, as measured on mtrag-un."""

Row = tuple[float, UUID]


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A query as numbers: what each term weighs, and which chunks are looked at."""

    weights: Mapping[int, float]
    any_of: Sequence[int] = ()
    """Chunks with any of these are."""
    all_of: Sequence[int] = ()
    """So are some with all of these, where the former are few."""


def lexical_leg(
    user: User | AnonymousUser, workspace: Workspace, query: str, *, depth: int, earlier: Sequence[str] = ()
) -> list[Found]:
    """Return the `depth` best chunks that `user` may see, best first; `earlier` questions weigh less and less."""
    asked = lexical_query(workspace, query, earlier)
    chunks = Chunk.objects.visible_to(user).filter(workspace=workspace)
    rows: set[Row] = set()
    if asked.any_of:
        rows.update(_best(chunks.filter(terms__overlap=list(asked.any_of)), asked, depth))
    if asked.all_of and len(rows) < depth:
        some = chunks.filter(terms__contains=list(asked.all_of)).order_by().values("pk")[:ENOUGH]
        rows.update(_best(chunks.filter(pk__in=some), asked, depth))
    return [Found(chunk, -distance) for distance, chunk in nsmallest(depth, rows)]


def lexical_query(workspace: Workspace, query: str, earlier: Sequence[str] = ()) -> LexicalQuery:
    """Weigh the terms of `query` by how rare they are in `workspace`, and decide what is looked at."""
    salt = workspace.pk.int
    asked = {term_id(salt, term): times for term, times in _asked_terms(query, earlier)}
    total, having = term_statistics.count(workspace, list(asked))
    weights = {term: asked[term] * _idf(total, count) for term, count in having.items()}
    if total <= SMALL:
        return LexicalQuery(weights, any_of=list(weights))
    any_of, candidates = _rarest(having)
    all_of = _common(having, total, without=any_of) if candidates < FEW else ()
    return LexicalQuery(weights, any_of, all_of)


def _asked_terms(query: str, earlier: Sequence[str]) -> list[tuple[str, float]]:
    """Return the terms with how much they count: those of each earlier question, if new, half of those after it."""
    counted: dict[str, float] = dict(query_terms(query).most_common(MOST_TERMS))
    weight = 1.0
    for text in earlier:
        weight *= EARLIER_COUNTS
        for term in query_terms(text):
            counted.setdefault(term, weight)
    return list(islice(counted.items(), MOST_TERMS))


def _best(chunks: QuerySet[Chunk], asked: LexicalQuery, depth: int) -> QuerySet[Chunk, Row]:
    ranked = chunks.annotate(distance=MaxInnerProduct("weights", sparse_vector(asked.weights)))
    return ranked.order_by("distance", "pk").values_list("distance", "pk")[:depth]


def _idf(total: int, having: int) -> float:
    return math.log(1 + (max(total, having) - having + 0.5) / (having + 0.5))


def _rarest(having: Mapping[int, int]) -> tuple[list[int], int]:
    """Return the rarest terms that are together in enough chunks, and in how many."""
    picked: list[int] = []
    candidates = 0
    for term in sorted(having, key=lambda term: having[term]):
        if candidates + having[term] > ENOUGH:
            break
        picked.append(term)
        candidates += having[term]
    return picked, candidates


def _common(having: Mapping[int, int], total: int, *, without: Sequence[int]) -> list[int]:
    """Return common terms, the rarer first, as many as are likely to meet in enough chunks but not in many more."""
    picked: list[int] = []
    expected = float(total)
    for term in sorted(having.keys() - set(without), key=lambda term: having[term]):
        if picked and expected * having[term] / total < FEW:
            break
        picked.append(term)
        expected *= having[term] / total
    return picked
