"""What is read before an answer is written: the model, what was said before, passages, how many documents are ready.

Synchronous, one visit to the database each; called through `in_database`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings

from chat import retrieval
from chat.answering.request import Asked
from chat.answering.standalone_question import Standalone
from chat.answering.storage.answer_store import said_before
from chat.prompting.builder import Material, Turn, budget_for, pinned_room
from chat.prompting.passages import Passage
from chat.prompting.pinned import Pinned, pinned_documents
from chat.prompting.readiness import readiness_of
from chat.retrieval import Hit
from language.scripts import language_of
from providers import registry
from providers.protocols import ChatModel
from workspaces.models import Workspace

_NO_WORKSPACE: Final[dict[str, Any]] = {"mode": "assist", "history_messages": 0}


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that is known before anything is searched."""

    model: ChatModel
    material: Material
    budget: int
    temperature: float | None
    waits: bool
    """Whether a search waits for a model's server."""
    searches: bool
    """Whether there is anything to be found at all."""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to answer from, and how it was come by."""

    material: Material
    search: dict[str, Any]
    pinned: dict[str, Any] | None
    ms: float

    @property
    def documents(self) -> int:
        """How many documents the passages come from."""
        return len({passage.document_id for passage in self.material.passages})

    def event(self) -> dict[str, Any]:
        """Return the members of `search.done`."""
        assert self.material.state is not None
        hits = [passage.as_json() for passage in self.material.passages]
        return {"hits": hits, "ms": round(self.ms, 1), "documents": self.material.state.as_json()}


def prepare(asked: Asked) -> Prepared:
    """Find the model, the settings and what was said before; raises a ProviderError where the model is gone."""
    model = registry.chat_model(asked.model)
    state = readiness_of(asked.workspace) if asked.workspace else None
    setting: Callable[[str], Any] = asked.workspace.setting if asked.workspace else _NO_WORKSPACE.get
    material = Material(
        question=asked.question,
        language=language_of(asked.question),
        history=_history(asked, setting("history_messages")),
        mode=setting("mode"),
        instructions="\n\n".join(filter(None, [setting("system_prompt"), asked.instructions])),
        state=state,
    )
    temperature = setting("temperature") if asked.temperature is None else asked.temperature
    budget = budget_for(model, most=settings.PROMPT_TOKENS)
    searches = state is not None and state.ready > 0
    waits = bool(setting("rerank_model")) or not registry.is_built_in(str(setting("embedding_model")))
    return Prepared(model, material, budget, temperature, waits=waits, searches=searches)


def nothing_to_find(standalone: Standalone, prepared: Prepared) -> Found:
    """Return what a search would have found where there is nothing to search."""
    return Found(prepared.material, {"query": standalone.question}, None, 0.0)


def look_up(asked: Asked, workspace: Workspace, standalone: Standalone, prepared: Prepared) -> Found:
    """Add the pinned documents and what a search finds to the material, as the one who asks may see them."""
    began = time.perf_counter()
    material = prepared.material
    pinned = _pinned(asked, workspace, material, prepared.budget)
    found = retrieval.search_for_prompt(
        asked.user,
        workspace,
        standalone.question,
        earlier=standalone.earlier,
        first=pinned.preferred,
        without=pinned.whole,
    )
    passages = [_passage(n, hit) for n, hit in enumerate(found.hits, start=len(pinned.passages) + 1)]
    material = replace(material, passages=(*pinned.passages, *passages))
    told = pinned.as_json() if pinned.whole or pinned.preferred else None
    return Found(material, found.trace, told, (time.perf_counter() - began) * 1000)


def _history(asked: Asked, most: int) -> tuple[Turn, ...]:
    return said_before(asked.before[:most]) if asked.history is None else asked.history


def _pinned(asked: Asked, workspace: Workspace, material: Material, budget: int) -> Pinned:
    if material.state is None or not material.state.pinned:
        return Pinned()
    return pinned_documents(asked.user, workspace, room=pinned_room(material, budget=budget))


def _passage(n: int, hit: Hit) -> Passage:
    return Passage(
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
