"""The lexical leg: BM25 inside PostgreSQL.

Indexing stored the weights of a chunk's terms; the query's weights are the rarity of its terms in
the workspace. Both are sparse vectors, and the score is their product. Small workspaces are ranked
exactly. In large workspaces, candidates come from the rarest terms first until there are enough,
which does not change the first ten hits.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
from chat.retrieval.fusion import share_of_best
from chat.retrieval.legs import LEG_DEPTH, LegRanking, SearchRequest
from chat.retrieval.results import LegHit
from chat.retrieval.tracing import SearchTrace
from ingestion.lexical_terms import query_terms, sparse_vector, term_id
from ingestion.models import Chunk
from workspaces.models import Workspace

MAX_QUERY_TERMS: Final = 256
EXACT_MAX_CHUNKS: Final = 2_000
"""A workspace with up to so many chunks is ranked exactly."""
MAX_CANDIDATES: Final = 3_000
MIN_CANDIDATES: Final = 300
EARLIER_WEIGHT: Final = 0.5
"""Weight of a term of the previous question against a term of the query, as measured on mtrag-un."""

Row = tuple[float, UUID]


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """The weights of a query's terms, and the terms that select candidates."""

    weights: Mapping[int, float]
    any_of: Sequence[int] = ()
    """Chunks with any of these terms are candidates."""
    all_of: Sequence[int] = ()
    """Some chunks with all of these terms are candidates too, if the former are few."""


class LexicalLeg:
    """Ranks chunks by the words of the query; has the part of the score that other legs leave."""

    def rank(self, request: SearchRequest, trace: SearchTrace) -> LegRanking:
        """Return the best chunks by BM25."""
        with trace.stage("lexical"):
            return LegRanking(
                best_chunks(
                    request.user,
                    request.workspace,
                    request.query,
                    depth=LEG_DEPTH,
                    earlier=request.earlier,
                )
            )

    def scale(self, hits: Sequence[LegHit]) -> Sequence[LegHit]:
        """Scale keyword scores to parts of the best."""
        return share_of_best(hits)


def best_chunks(
    user: User | AnonymousUser,
    workspace: Workspace,
    query: str,
    *,
    depth: int,
    earlier: Sequence[str] = (),
) -> list[LegHit]:
    """Return the `depth` best chunks that `user` may see, best first; terms of `earlier` questions weigh less."""
    asked = lexical_query(workspace, query, earlier)
    chunks = Chunk.objects.visible_to(user).filter(workspace=workspace)
    rows: set[Row] = set()
    if asked.any_of:
        rows.update(_best(chunks.filter(terms__overlap=list(asked.any_of)), asked, depth))
    if asked.all_of and len(rows) < depth:
        some = (
            chunks.filter(terms__contains=list(asked.all_of))
            .order_by()
            .values("pk")[:MAX_CANDIDATES]
        )
        rows.update(_best(chunks.filter(pk__in=some), asked, depth))
    return [LegHit(chunk, -distance) for distance, chunk in nsmallest(depth, rows)]


def lexical_query(workspace: Workspace, query: str, earlier: Sequence[str] = ()) -> LexicalQuery:
    """Weigh the terms of `query` by their rarity in `workspace`, and select the candidates."""
    salt = workspace.pk.int
    terms = weighted_terms(query_terms(query), map(query_terms, earlier))
    asked = {term_id(salt, term): times for term, times in terms.items()}
    total, having = term_statistics.count(workspace, list(asked))
    weights = {term: asked[term] * idf(total, count) for term, count in having.items()}
    if total <= EXACT_MAX_CHUNKS:
        return LexicalQuery(weights, any_of=list(weights))
    any_of, candidates = _rarest(having)
    all_of = _common(having, total, without=any_of) if candidates < MIN_CANDIDATES else ()
    return LexicalQuery(weights, any_of, all_of)


def weighted_terms(asked: Counter[str], earlier: Iterable[Counter[str]]) -> dict[str, float]:
    """Return the terms with their weights: new terms of each earlier question weigh half as much as the next one's."""
    weighted: dict[str, float] = dict(asked.most_common(MAX_QUERY_TERMS))
    weight = 1.0
    for counted in earlier:
        weight *= EARLIER_WEIGHT
        for term in counted:
            weighted.setdefault(term, weight)
    return dict(islice(weighted.items(), MAX_QUERY_TERMS))


def _best(chunks: QuerySet[Chunk], asked: LexicalQuery, depth: int) -> QuerySet[Chunk, Row]:
    ranked = chunks.annotate(distance=MaxInnerProduct("weights", sparse_vector(asked.weights)))
    return ranked.order_by("distance", "pk").values_list("distance", "pk")[:depth]


def idf(total: int, having: int) -> float:
    """Return the inverse frequency of a term in `having` of `total` chunks or documents, as in BM25 of Lucene."""
    return math.log(1 + (max(total, having) - having + 0.5) / (having + 0.5))


def _rarest(having: Mapping[int, int]) -> tuple[list[int], int]:
    """Return the rarest terms that occur in at most MAX_CANDIDATES chunks together, and in how many."""
    picked: list[int] = []
    candidates = 0
    for term in sorted(having, key=lambda term: having[term]):
        if candidates + having[term] > MAX_CANDIDATES:
            break
        picked.append(term)
        candidates += having[term]
    return picked, candidates


def _common(having: Mapping[int, int], total: int, *, without: Sequence[int]) -> list[int]:
    """Return common terms, rarer first, as many as probably occur together in at least MIN_CANDIDATES chunks."""
    picked: list[int] = []
    expected = float(total)
    for term in sorted(having.keys() - set(without), key=lambda term: having[term]):
        if picked and expected * having[term] / total < MIN_CANDIDATES:
            break
        picked.append(term)
        expected *= having[term] / total
    return picked
