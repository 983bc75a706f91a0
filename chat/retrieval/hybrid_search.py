"""One search from the query to the hits: both legs, their fusion, the rows, and a trace of it all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from accounts.models import User
from chat.retrieval.dense import dense_leg
from chat.retrieval.diversify import Selection, above_floor, select
from chat.retrieval.fusion import Fused, fuse, single
from chat.retrieval.lexical import lexical_leg
from chat.retrieval.reranking import RERANK_DEPTH, Rerank, reranked, reranker_for
from chat.retrieval.results import DocumentRef, Found, Hit, Mode, SearchResult
from chat.retrieval.tracing import Trace
from ingestion.index.active_space import serving_space
from ingestion.models import Chunk, EmbeddingSpace
from language.words import query_terms
from providers.exceptions import ProviderError, ProviderRefused
from providers.protocols import EmbeddingModel
from providers.registry import embedding_model
from web.sentences import Sentence
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
    rerank: Rerank = None,
    earlier: Sequence[str] = (),
) -> SearchResult:
    """Return the chunks of `workspace` that fit `query` best, of those that `user` may see.

    Any text is a query: one that says nothing finds nothing. `earlier` are questions it follows on, the newest first.
    Raises a ProviderError only where the search rests on the embedding model alone.
    """
    query = query.replace("\x00", " ").strip()[:_LONGEST_QUERY]
    asked = Asked(user, workspace, query, tuple(earlier), mode)
    trace = Trace(query, mode)
    # Where there is no word in it, whatever lay nearest would be chance.
    fused = _ranked(asked, trace) if query_terms(query) else []
    selection, top_k = selection or Selection(), max(1, min(top_k, MOST_HITS))
    reranker = reranker_for(workspace, rerank, mode)
    with trace.stage("fetch"):
        hits = _hits(asked, fused, _candidates(selection, top_k, reranker=reranker))
    if reranker and hits:
        hits = list(above_floor(hits, selection.floor))
        hits, selection = reranked(reranker, asked.whole, hits, trace), replace(selection, floor=0.0)
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
    """Return what goes into a prompt: nothing twice, several documents where there are, nothing that hardly fits.

    Hits of the documents `first` come first, those of the documents `without` not at all.
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


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks what, where and how."""

    user: User | AnonymousUser
    workspace: Workspace
    query: str
    earlier: tuple[str, ...]
    mode: Mode

    @property
    def whole(self) -> str:
        """The question with those before it, for models, which cannot weigh them apart."""
        return "\n".join((*reversed(self.earlier), self.query))

    @property
    def chunks(self) -> QuerySet[Chunk]:
        """Where it is looked."""
        return Chunk.objects.visible_to(self.user).filter(workspace=self.workspace)


def _candidates(selection: Selection, top_k: int, *, reranker: str) -> int:
    if reranker:
        return max(RERANK_DEPTH, top_k)
    return top_k if selection.is_plain else CANDIDATES * top_k


def _ranked(asked: Asked, trace: Trace) -> list[Fused]:
    workspace, mode = asked.workspace, asked.mode
    lexical: list[Found] = []
    dense: list[Found] = []
    weight = 0.0
    if mode != "dense":
        with trace.stage("lexical"):
            lexical = lexical_leg(asked.user, workspace, asked.query, depth=DEPTH, earlier=asked.earlier)
    if mode != "lexical":
        try:
            # While another model is being built, searches stay with the one that all documents have vectors of.
            space = serving_space(workspace)
            model = embedding_model(space.model if space else workspace.setting("embedding_model"))
            dense = _dense(asked, model, space, trace)
            weight = model.dense_weight(asked.query)
        except ProviderError as error:
            if mode == "dense":
                raise
            trace.note(dense_error={"code": error.code, "message": str(error)})
    trace.note(found={"lexical": len(lexical), "dense": len(dense)})
    if mode != "hybrid":
        return single(dense if mode == "dense" else lexical, dense=mode == "dense")
    trace.note(dense_weight=round(weight, 3))
    return fuse(dense, lexical, dense_weight=weight)


def _dense(asked: Asked, model: EmbeddingModel, space: EmbeddingSpace | None, trace: Trace) -> list[Found]:
    space = space or EmbeddingSpace.objects.filter(model=model.id, dimensions=model.dimensions).first()
    if space is None:
        return []
    with trace.stage("embed"):
        vector = model.embed_query(asked.whole)
    if len(vector) != space.dimensions:
        sentence = _(
            "“%(model)s” now returns different vectors than when the documents were indexed. The documents must be"
            " indexed again."
        )
        raise ProviderRefused(Sentence(sentence, {"model": model.id}), code="other_vectors")
    with trace.stage("dense"):
        return dense_leg(asked.user, asked.workspace, space, vector, depth=DEPTH) if any(vector) else []


def _in_order(chunks: QuerySet[Chunk], fused: Sequence[Fused]) -> Sequence[Fused]:
    """Put chunks of equal score in the order of their documents' names, their positions and their ids."""
    if len({item.score for item in fused}) == len(fused):
        return fused
    named = chunks.filter(pk__in=[item.chunk for item in fused]).values_list("pk", "document__name", "position")
    places = {pk: (name, position, pk) for pk, name, position in named}
    return sorted((item for item in fused if item.chunk in places), key=lambda x: (-x.score, places[x.chunk]))


def _hits(asked: Asked, fused: Sequence[Fused], most: int) -> list[Hit]:
    wanted = _in_order(asked.chunks, fused)[:most]
    rows = asked.chunks.select_related("document").defer("terms", "weights").in_bulk([item.chunk for item in wanted])
    # A chunk may be gone since the legs saw it.
    return [_hit(item, rows[item.chunk]) for item in wanted if item.chunk in rows]


def _hit(item: Fused, chunk: Chunk) -> Hit:
    document = chunk.document
    return Hit(
        chunk=chunk.pk,
        document=DocumentRef(document.pk, document.name, document.stem, document.stand_in or document.version),
        position=chunk.position,
        text=chunk.text,
        headings=tuple(chunk.headings),
        page_from=chunk.page_from,
        page_to=chunk.page_to,
        score=item.score,
        ranks={"dense": item.dense, "lexical": item.lexical, "rerank": None},
        boxes=chunk.boxes,
        anchors=chunk.anchors,
    )
