"""One search from the query to the hits: both legs, their fusion, the rows, and a trace of it all."""

from collections.abc import Sequence
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from chat.retrieval.dense import dense_leg
from chat.retrieval.fusion import Fused, fuse, single
from chat.retrieval.lexical import lexical_leg
from chat.retrieval.results import DocumentRef, Found, Hit, Mode, SearchResult
from chat.retrieval.selection import Selection, select
from chat.retrieval.tracing import Trace
from ingestion.models import Chunk, EmbeddingSpace
from language.words import query_terms
from providers.exceptions import ProviderError
from providers.protocols import EmbeddingModel
from providers.registry import embedding_model
from workspaces.models import Workspace

MOST_HITS: Final = 100
DEPTH: Final = 100
"""How many chunks each leg comes up with, however few are wanted."""
CANDIDATES: Final = 4
"""How many times as many hits as wanted a selection chooses from: comparing them all took longer than finding them."""
_LONGEST_QUERY: Final = 10_000
_PROMPT_FLOOR: Final = 0.15


def search(
    user: User | AnonymousUser,
    workspace: Workspace,
    query: str,
    *,
    top_k: int = 8,
    mode: Mode = "hybrid",
    selection: Selection | None = None,
) -> SearchResult:
    """Return the chunks of `workspace` that fit `query` best, of those that `user` may see.

    Any text is a query: one that says nothing finds nothing. Raises a ProviderError only where the search rests on the
    embedding model alone.
    """
    query = query.replace("\x00", " ").strip()[:_LONGEST_QUERY]
    trace = Trace(query, mode)
    # Where there is no word in it, whatever lay nearest would be chance.
    fused = _ranked(user, workspace, query, mode, trace) if query_terms(query) else []
    with trace.stage("fetch"):
        chunks = Chunk.objects.visible_to(user).filter(workspace=workspace)
        hits = _hits(chunks, _in_order(chunks, fused), selection or Selection(), max(1, min(top_k, MOST_HITS)))
    return SearchResult(tuple(hits), trace.as_json())


def search_for_prompt(
    user: User | AnonymousUser, workspace: Workspace, query: str, *, top_k: int | None = None
) -> SearchResult:
    """Return what goes into a prompt: nothing twice, several documents where there are, nothing that hardly fits."""
    top_k = top_k or workspace.setting("top_k")
    selection = Selection(fold=True, per_document=max(2, top_k // 2), fill=True, floor=_PROMPT_FLOOR)
    return search(user, workspace, query, top_k=top_k, selection=selection)


def _ranked(user: User | AnonymousUser, workspace: Workspace, query: str, mode: Mode, trace: Trace) -> list[Fused]:
    lexical: list[Found] = []
    dense: list[Found] = []
    weight = 0.0
    if mode != "dense":
        with trace.stage("lexical"):
            lexical = lexical_leg(user, workspace, query, depth=DEPTH)
    if mode != "lexical":
        try:
            model = embedding_model(workspace.setting("embedding_model"))
            dense = _dense(user, workspace, query, model, trace)
            weight = model.dense_weight(query)
        except ProviderError as error:
            if mode == "dense":
                raise
            trace.note(dense_error={"code": error.code, "message": str(error)})
    trace.note(found={"lexical": len(lexical), "dense": len(dense)})
    if mode != "hybrid":
        return single(dense if mode == "dense" else lexical, dense=mode == "dense")
    trace.note(dense_weight=round(weight, 3))
    return fuse(dense, lexical, dense_weight=weight)


def _dense(
    user: User | AnonymousUser, workspace: Workspace, query: str, model: EmbeddingModel, trace: Trace
) -> list[Found]:
    space = EmbeddingSpace.objects.filter(model=model.id, dimensions=model.dimensions).first()
    if space is None:
        return []
    with trace.stage("embed"):
        vector = model.embed_query(query)
    with trace.stage("dense"):
        return dense_leg(user, workspace, space, vector, depth=DEPTH) if any(vector) else []


def _in_order(chunks: QuerySet[Chunk], fused: Sequence[Fused]) -> Sequence[Fused]:
    """Put chunks of equal score in the order of their documents' names, their positions and their ids."""
    if len({item.score for item in fused}) == len(fused):
        return fused
    named = chunks.filter(pk__in=[item.chunk for item in fused]).values_list("pk", "document__name", "position")
    places = {pk: (name, position, pk) for pk, name, position in named}
    return sorted((item for item in fused if item.chunk in places), key=lambda x: (-x.score, places[x.chunk]))


def _hits(chunks: QuerySet[Chunk], ranked: Sequence[Fused], selection: Selection, top_k: int) -> list[Hit]:
    wanted = ranked[: top_k if selection.is_plain else CANDIDATES * top_k]
    rows = chunks.select_related("document").defer("terms", "weights").in_bulk([item.chunk for item in wanted])
    # A chunk may be gone since the legs saw it.
    hits = [_hit(item, rows[item.chunk]) for item in wanted if item.chunk in rows]
    return select(hits, selection, top_k=top_k)


def _hit(item: Fused, chunk: Chunk) -> Hit:
    document = chunk.document
    return Hit(
        chunk=chunk.pk,
        document=DocumentRef(document.pk, document.name, document.stem, document.version),
        position=chunk.position,
        text=chunk.text,
        headings=tuple(chunk.headings),
        page_from=chunk.page_from,
        page_to=chunk.page_to,
        score=item.score,
        ranks={"dense": item.dense, "lexical": item.lexical, "rerank": None},
    )
