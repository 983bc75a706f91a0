"""Database reads before an answer: `prepare` reads settings and history, `look_up` the passages.

Both are synchronous and called through `in_database`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings

from chat import retrieval
from chat.answering.query_rewriting import StandaloneQuery
from chat.answering.request import AnswerRequest
from chat.answering.storage.answer_store import turns_of
from chat.prompting.builder import PromptMaterial, budget_for, pinned_room
from chat.prompting.passages import PromptPassage
from chat.prompting.pinned import Pinned, pinned_documents
from chat.prompting.readiness import readiness_of
from chat.retrieval import Hit
from language.scripts import language_of
from providers import registry
from providers.protocols import ChatModel
from workspaces.models import Workspace

_SETTINGS_WITHOUT_WORKSPACE: Final[dict[str, Any]] = {"mode": "assist", "history_messages": 0}


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """Model, settings and history of an answer, known before the search."""

    model: ChatModel
    material: PromptMaterial
    budget: int
    """Tokens that the prompt may have."""
    temperature: float | None
    waits_for_server: bool
    """Whether a search of the workspace calls a model server."""
    searches: bool
    """Whether the workspace has documents that can be found."""


@dataclass(frozen=True, slots=True)
class RetrievedContext:
    """The material with its passages, and the traces of the search and of the pinned documents."""

    material: PromptMaterial
    search: dict[str, Any]
    pinned: dict[str, Any] | None
    ms: float

    @property
    def documents(self) -> int:
        """Number of documents that the passages come from."""
        return len({passage.document_id for passage in self.material.passages})

    def event(self) -> dict[str, Any]:
        """Return the members of the event `search.done`."""
        assert self.material.state is not None
        hits = [passage.as_json() for passage in self.material.passages]
        return {"hits": hits, "ms": round(self.ms, 1), "documents": self.material.state.as_json()}


def prepare(request: AnswerRequest) -> PreparedAnswer:
    """Read model, settings and history; raises a `ProviderError` if the model no longer exists."""
    workspace = request.workspace
    model = registry.chat_model(request.model)
    state = readiness_of(workspace) if workspace else None
    setting: Callable[[str], Any] = (
        workspace.setting if workspace else _SETTINGS_WITHOUT_WORKSPACE.get
    )
    history = request.history
    material = PromptMaterial(
        question=request.question,
        language=language_of(request.question),
        history=turns_of(request.before[: setting("history_messages")])
        if history is None
        else history,
        mode=setting("mode"),
        instructions="\n\n".join(filter(None, [setting("system_prompt"), request.instructions])),
        state=state,
    )
    return PreparedAnswer(
        model=model,
        material=material,
        budget=budget_for(model, most=settings.PROMPT_TOKENS),
        temperature=setting("temperature") if request.temperature is None else request.temperature,
        waits_for_server=bool(setting("rerank_model"))
        or not registry.is_built_in(str(setting("embedding_model"))),
        searches=state is not None and state.ready > 0,
    )


def look_up(
    request: AnswerRequest, workspace: Workspace, query: StandaloneQuery, prepared: PreparedAnswer
) -> RetrievedContext:
    """Add passages of pinned documents and of a search to the material, if the user may see them."""
    began = time.perf_counter()
    material, pinned = prepared.material, Pinned()
    if material.state is not None and material.state.pinned:
        room = pinned_room(material, budget=prepared.budget)
        pinned = pinned_documents(request.user, workspace, room=room)
    result = retrieval.search_for_prompt(
        request.user,
        workspace,
        query.question,
        earlier=query.earlier,
        first=pinned.preferred,
        without=pinned.whole,
    )
    found = [_passage(n, hit) for n, hit in enumerate(result.hits, start=len(pinned.passages) + 1)]
    return RetrievedContext(
        material=replace(material, passages=(*pinned.passages, *found)),
        search=result.trace,
        pinned=pinned.as_json() if pinned.whole or pinned.preferred else None,
        ms=(time.perf_counter() - began) * 1000,
    )


def _passage(n: int, hit: Hit) -> PromptPassage:
    return PromptPassage(
        n=n,
        chunk=hit.chunk,
        document_id=hit.document.id,
        document_name=hit.document.name,
        version=hit.document.version,
        headings=tuple(hit.headings),
        page_from=hit.page_from,
        page_to=hit.page_to,
        text=hit.text,
        score=hit.score,
        boxes=hit.boxes,
        anchors=hit.anchors,
    )
