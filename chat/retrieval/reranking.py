"""Reranking: a model that reads query and passage together scores the best candidates, if the workspace has one.

If the model fails or takes too long, the ranking stays unchanged and the trace has the reason.
"""

import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext_noop

from chat.retrieval.results import Hit, Mode
from chat.retrieval.tracing import SearchTrace
from ingestion.pipeline.chunking import embedding_text
from providers.exceptions import ProviderError, ProviderUnavailable
from providers.protocols import Reranker
from providers.registry import rerank_model
from web.sentences import Sentence
from workspaces.models import Workspace

Rerank = bool | str | None
"""A model's id; True for the workspace's model, False for none; None for the workspace's in a hybrid search only."""
RERANK_DEPTH: Final = 40
"""How many candidates are reranked, however few hits are wanted."""
RERANK_TIMEOUT_SECONDS: Final = 5.0
_TOO_SLOW: Final = gettext_noop(
    "The reranker took too long, so the passages are in their original order."
)
_NO_SCORES: Final = gettext_noop("The reranker did not return a score for each passage.")
_readers: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="rerank")


def reranker_for(workspace: Workspace, rerank: Rerank, mode: Mode) -> str:
    """Return the id of the model that reranks the candidates, "" for none."""
    if isinstance(rerank, str):
        return rerank
    wanted = mode == "hybrid" if rerank is None else rerank
    return str(workspace.setting("rerank_model") or "") if wanted else ""


def reranked(model: str, query: str, hits: Sequence[Hit], trace: SearchTrace) -> list[Hit]:
    """Return `hits` in the model's order with its scores, or unchanged if the model fails."""
    trace.note(rerank={"model": model, "candidates": len(hits)})
    try:
        texts = [embedding_text(hit.document.title, hit.headings, hit.text) for hit in hits]
        with trace.stage("rerank"):
            scores = _scores(rerank_model(model), query, texts)
    except ProviderError as error:
        trace.note(rerank_error={"code": error.code, "message": str(error)})
        return list(hits)
    # The sort is stable: equal scores keep their order.
    ordered = sorted(zip(scores, hits, strict=True), key=lambda pair: -pair[0])
    return [
        replace(hit, score=score, ranks={**hit.ranks, "rerank": rank})
        for rank, (score, hit) in enumerate(ordered, start=1)
    ]


def _scores(reranker: Reranker, query: str, texts: Sequence[str]) -> Sequence[float]:
    # In a thread, since a model that is being loaded may take far longer than a search may wait.
    reading: Future[Sequence[float]] = _readers.submit(
        copy_context().run, reranker.rerank, query, texts
    )
    try:
        scores = [float(score) for score in reading.result(timeout=RERANK_TIMEOUT_SECONDS)]
    except TimeoutError as error:
        reading.cancel()
        raise ProviderUnavailable(Sentence(_TOO_SLOW)) from error
    if len(scores) != len(texts) or not all(map(math.isfinite, scores)):
        raise ProviderUnavailable(Sentence(_NO_SCORES))
    return scores
