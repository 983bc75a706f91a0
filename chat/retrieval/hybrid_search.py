"""`search()`: legs → fusion → document evidence → rows → reranking → selection, with a trace."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from chat.retrieval.dense import DenseLeg
from chat.retrieval.diversify import Selection, above_floor, select
from chat.retrieval.document_evidence import with_document_evidence
from chat.retrieval.fusion import FusedHit, fuse, single_leg, weights_from
from chat.retrieval.legs import Leg, LegRanking, SearchRequest
from chat.retrieval.lexical import LexicalLeg
from chat.retrieval.reranking import RERANK_DEPTH, Rerank, reranked, reranker_for
from chat.retrieval.results import DocumentRef, Hit, Mode, SearchResult
from chat.retrieval.tracing import SearchTrace
from ingestion.models import Chunk
from language.words import query_terms
from providers.exceptions import ProviderError
from workspaces.models import Workspace

LEGS: Final[Mapping[str, Leg]] = {
    "lexical": LexicalLeg(),
    "dense": DenseLeg(),
}
MAX_HITS: Final = 100
CANDIDATES_PER_HIT: Final = 4
"""How many candidates a selection compares for each wanted hit: comparing all took longer than finding them."""
_MAX_QUERY_CHARS: Final = 10_000
_PROMPT_FLOOR: Final = 0.15


def search(
    user: User | AnonymousUser,
    workspace: Workspace,
    query: str,
    *,
    top_k: int = 8,
    mode: Mode = "hybrid",
    selection: Selection | None = None,
    rerank: Rerank = None,
    earlier: Sequence[str] = (),
) -> SearchResult:
    """Return the chunks of `workspace` that match `query` best and that `user` may see.

    Any text is a query; a query without words finds nothing. `earlier` are questions before it,
    newest first. Raises a ProviderError only if the mode is a single leg and its model fails.
    """
    query = query.replace("\x00", " ").strip()[:_MAX_QUERY_CHARS]
    request = SearchRequest(user, workspace, query, tuple(earlier), mode)
    trace = SearchTrace(query, mode)
    # The nearest chunks of a query without words are near by chance.
    ranked = _ranked(request, trace) if query_terms(query) else []
    selection, top_k = selection or Selection(), max(1, min(top_k, MAX_HITS))
    candidates = top_k if selection.is_plain else CANDIDATES_PER_HIT * top_k
    if reranker := reranker_for(workspace, rerank, mode):
        candidates = max(RERANK_DEPTH, top_k)
    ordered = _ordered(request, ranked, selection, trace)
    with trace.stage("fetch"):
        hits = _fetch(request, ordered[:candidates])
    if reranker and hits:
        # The floor applies to the first ranking, since the reranker has scores of another kind.
        hits = reranked(reranker, request.whole, list(above_floor(hits, selection.floor)), trace)
        selection = replace(selection, floor=0.0)
    return SearchResult(tuple(select(hits, selection, top_k=top_k)), trace.as_json())


def search_for_prompt(
    user: User | AnonymousUser,
    workspace: Workspace,
    query: str,
    *,
    earlier: Sequence[str] = (),
    first: Collection[UUID] = (),
    without: Collection[UUID] = (),
) -> SearchResult:
    """Return hits for a prompt: no text twice, from several documents if possible, none that hardly matches.

    Hits of the documents `first` come first; hits of the documents `without` are left out.
    """
    top_k = workspace.setting("top_k")
    selection = Selection(
        fold=True,
        per_document=max(2, top_k // 2),
        fill=True,
        floor=_PROMPT_FLOOR,
        first=frozenset(first),
        without=frozenset(without),
    )
    return search(user, workspace, query, top_k=top_k, selection=selection, earlier=earlier)


def _ranked(request: SearchRequest, trace: SearchTrace) -> list[FusedHit]:
    """Rank chunks by the mode's leg, or fuse all legs; a hybrid search goes on without a leg whose model fails."""
    rankings: dict[str, LegRanking] = {}
    for name, leg in LEGS.items():
        if request.mode in ("hybrid", name):
            try:
                rankings[name] = leg.rank(request, trace)
            except ProviderError as error:
                if request.mode == name:
                    raise
                rankings[name] = LegRanking((), share=0.0)
                trace.note(**{f"{name}_error": {"code": error.code, "message": str(error)}})
    trace.note(found={name: len(rankings[name].hits) if name in rankings else 0 for name in LEGS})
    if request.mode != "hybrid":
        return single_leg(request.mode, rankings[request.mode].hits)
    shares = {name: ranking.share for name, ranking in rankings.items()}
    trace.note(
        **{f"{name}_weight": round(share, 3) for name, share in shares.items() if share is not None}
    )
    scaled = {name: LEGS[name].scale(ranking.hits) for name, ranking in rankings.items()}
    return fuse(scaled, weights_from(shares))


def _ordered(
    request: SearchRequest, ranked: Sequence[FusedHit], selection: Selection, trace: SearchTrace
) -> list[FusedHit]:
    """Return the hits best first, in a hybrid search by the evidence of their documents too.

    Equal scores come in the order of document names and positions. If the selection wants hits of
    several documents, hits of one document beyond twice their number come last.
    """
    places = {
        chunk: (name, position, document)
        for chunk, name, position, document in request.chunks.filter(
            pk__in=[hit.chunk for hit in ranked]
        ).values_list("pk", "document__name", "position", "document")
    }
    # A chunk may have been deleted since a leg found it.
    hits = [hit for hit in ranked if hit.chunk in places]
    if request.mode == "hybrid":
        document_of = {chunk: document for chunk, (_, _, document) in places.items()}
        hits = with_document_evidence(request, hits, document_of, trace)
    hits = sorted(hits, key=lambda hit: (-hit.score, places[hit.chunk]))
    if selection.per_document is None:
        return hits
    seen: Counter[UUID] = Counter()
    later: list[FusedHit] = []
    first: list[FusedHit] = []
    for hit in hits:
        document = places[hit.chunk][2]
        seen[document] += 1
        (first if seen[document] <= 2 * selection.per_document else later).append(hit)
    return first + later


def _fetch(request: SearchRequest, best: Sequence[FusedHit]) -> list[Hit]:
    """Read the rows of the best chunks; a chunk may have been deleted since it was ranked."""
    rows = (
        request.chunks.select_related("document")
        .defer("terms", "weights")
        .in_bulk([item.chunk for item in best])
    )
    return [_hit(item, rows[item.chunk]) for item in best if item.chunk in rows]


def _hit(item: FusedHit, chunk: Chunk) -> Hit:
    document = chunk.document
    return Hit(
        chunk=chunk.pk,
        document=DocumentRef(
            document.pk, document.name, document.stem, document.stand_in or document.version
        ),
        position=chunk.position,
        text=chunk.text,
        headings=tuple(chunk.headings),
        page_from=chunk.page_from,
        page_to=chunk.page_to,
        score=item.score,
        passage_score=item.passage_score,
        ranks={**{name: item.ranks.get(name) for name in (*LEGS, "document")}, "rerank": None},
        boxes=chunk.boxes,
        anchors=chunk.anchors,
    )
