"""A second look at the best candidates by a model that reads question and passage together, where there is one.

It may only make things better: where it fails, or takes too long, the ranking stays as it was and the trace says so.
"""

import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext_noop

from chat.retrieval.results import Hit, Mode
from chat.retrieval.tracing import Trace
from ingestion.pipeline.chunking import embedding_text
from providers.exceptions import ProviderError, ProviderUnavailable
from providers.protocols import Reranker
from providers.registry import rerank_model
from web.sentences import Sentence
from workspaces.models import Workspace

Rerank = bool | str | None
"""A model's id; True for the workspace's, False for none; None for the workspace's in a hybrid search, else none."""
RERANK_DEPTH: Final = 40
"""How many candidates are read again, however few are wanted."""
PATIENCE: Final = 5.0
_TOO_SLOW: Final = gettext_noop("The reranker took too long, so the passages are in their original order.")
_NO_SCORES: Final = gettext_noop("The reranker did not return a score for each passage.")
_readers: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="rerank")


def reranker_for(workspace: Workspace, rerank: Rerank, mode: Mode) -> str:
    """Return the id of the model that is to read the candidates again, "" for none."""
    if isinstance(rerank, str):
        return rerank
    wanted = mode == "hybrid" if rerank is None else rerank
    return str(workspace.setting("rerank_model") or "") if wanted else ""


def reranked(model: str, query: str, hits: Sequence[Hit], trace: Trace) -> list[Hit]:
    """Return `hits` in the order in which the model has them, with its scores; as they are where it cannot say."""
    trace.note(rerank={"model": model, "candidates": len(hits)})
    try:
        with trace.stage("rerank"):
            scores = _scores(rerank_model(model), query, [_text(hit) for hit in hits])
    except ProviderError as error:
        trace.note(rerank_error={"code": error.code, "message": str(error)})
        return list(hits)
    # Equals stay in the order they had.
    ordered = sorted(zip(scores, hits, strict=True), key=lambda pair: -pair[0])
    return [
        replace(hit, score=score, ranks={**hit.ranks, "rerank": rank})
        for rank, (score, hit) in enumerate(ordered, start=1)
    ]


def _scores(reranker: Reranker, query: str, texts: Sequence[str]) -> Sequence[float]:
    # In a thread, since a model that is loading may keep silent far longer than anybody wants to wait for a search.
    reading: Future[Sequence[float]] = _readers.submit(copy_context().run, reranker.rerank, query, texts)
    try:
        scores = [float(score) for score in reading.result(timeout=PATIENCE)]
    except TimeoutError as error:
        reading.cancel()
        raise ProviderUnavailable(Sentence(_TOO_SLOW)) from error
    if len(scores) != len(texts) or not all(map(math.isfinite, scores)):
        raise ProviderUnavailable(Sentence(_NO_SCORES))
    return scores


def _text(hit: Hit) -> str:
    return embedding_text(hit.document.title, hit.headings, hit.text)
