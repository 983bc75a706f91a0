"""`write()` writes one answer into a draft: prepare → look up → build the prompt → stream the answer.

`prepare` and `look_up` read the database, called through `in_database`. `write()` may fail or be
cancelled at any point; `runner` decides how the answer ends. No database connection is held while
the model streams.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from django.conf import settings
from django.utils.translation import gettext as _

from chat import retrieval
from chat.answering.draft import Draft
from chat.answering.lookup_barrier import barrier_of
from chat.answering.query_rewriting import StandaloneQuery, standalone_query
from chat.answering.request import AnswerRequest
from chat.answering.storage.answer_store import turns_of
from chat.exceptions import AnswerFailed
from chat.prompting import builder, wording
from chat.prompting.builder import PromptMaterial
from chat.prompting.passages import PromptPassage
from chat.prompting.pinned import Pinned, pinned_documents
from chat.prompting.readiness import readiness_of
from chat.request_slots import MAX_SERVER_CALLS, answer_semaphore, search_slots, server_call_slots
from chat.retrieval import Hit
from language.scripts import language_of
from providers import registry
from providers.protocols import (
    ChatEvent,
    ChatModel,
    ChatRequest,
    Done,
    Reasoning,
    Text,
    TextWasReasoning,
)
from web.database import in_database
from workspaces.models import Workspace

# A model that is being loaded, or that has a long queue, may send nothing for minutes.
MODEL_SILENCE_SECONDS: Final = 600.0
_search_threads: Final = ThreadPoolExecutor(
    max_workers=settings.SEARCHES_AT_ONCE, thread_name_prefix="search"
)
_server_search_threads: Final = ThreadPoolExecutor(
    MAX_SERVER_CALLS, thread_name_prefix="search and wait"
)
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


async def write(
    request: AnswerRequest, draft: Draft, prepared: PreparedAnswer | None = None
) -> None:
    """Write the answer to `request` into `draft`. Raises `AnswerFailed` or a ProviderError.

    A model is not asked if it may answer from passages only and the search found none; the answer
    then says why.
    """
    message = request.message
    parent = str(message.parent_id) if message.parent_id else None
    draft.tell(
        "message.started",
        role=message.role,
        parent=parent,
        model=request.model,
        question=request.question,
    )
    async with answer_semaphore(request.user.pk):
        prepared = prepared or await in_database(prepare)(request)
        model, material = prepared.model, prepared.material
        query = StandaloneQuery(request.question)
        if request.workspace is not None:
            query = await _rewrite(request, prepared, draft)
            material = await _search(request, request.workspace, query, prepared, draft)
        prompt = builder.build(
            material, budget=prepared.budget, takes_system_prompt=model.takes_system_prompt
        )
        draft.trace["prompt"] = prompt.trace
        state = material.state
        from_passages_only = material.mode == "strict" or registry.is_built_in(request.model)
        if state is not None:
            draft.may_cite(prompt.passages)
        if state is not None and from_passages_only and not prompt.passages:
            draft.say(wording.found_nothing(state, material.language))
        else:
            await barrier_of(request.user.pk).wait()
            chat_request = ChatRequest(
                messages=prompt.messages,
                question=query.question,  # For models that read no messages.
                passages=prompt.passages,
                language=material.language,
                temperature=prepared.temperature,
            )
            await _stream(model, chat_request, draft)
            if state is not None and registry.is_built_in(request.model) and not state.is_complete:
                draft.say("\n\n" + wording.still_reading(state, material.language))
    draft.finish_saying()
    if not draft.text.strip():
        raise AnswerFailed(
            _("The model returned an empty answer. Try again, or choose another model."),
            code="empty_answer",
        )


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
        budget=builder.budget_for(model, most=settings.PROMPT_TOKENS),
        temperature=setting("temperature") if request.temperature is None else request.temperature,
        waits_for_server=bool(setting("rerank_model"))
        or not registry.is_built_in(str(setting("embedding_model"))),
        searches=state is not None and state.ready > 0,
    )


async def _rewrite(
    request: AnswerRequest, prepared: PreparedAnswer, draft: Draft
) -> StandaloneQuery:
    """Return the search query and report it to the readers."""
    began = time.perf_counter()
    model = None if registry.is_built_in(request.model) else prepared.model
    query = await standalone_query(request.question, prepared.material.history, model)
    if query.how:
        ms = round((time.perf_counter() - began) * 1000, 1)
        draft.trace["standalone"] = {"text": query.text, "how": query.how, "ms": ms}
    draft.tell("search.started", query=query.text, rewritten=bool(query.how))
    return query


async def _search(
    request: AnswerRequest,
    workspace: Workspace,
    query: StandaloneQuery,
    prepared: PreparedAnswer,
    draft: Draft,
) -> PromptMaterial:
    """Look up passages in turn with the questions of other people; return the material with them."""
    person = request.user.pk
    if not prepared.searches:
        found = RetrievedContext(prepared.material, {"query": query.question}, None, 0.0)
    elif prepared.waits_for_server:
        # The server of a model does the work, so the lookup does not close the barrier for other
        # questions.
        async with server_call_slots.slot_async(person):
            found = await in_database(look_up, pool=_server_search_threads)(
                request, workspace, query, prepared
            )
    else:
        async with search_slots.slot_async(person):
            with barrier_of(person).lookup():
                found = await in_database(look_up, pool=_search_threads)(
                    request, workspace, query, prepared
                )
    draft.trace["search"] = {**found.search, "documents": found.documents}
    if found.pinned:
        draft.trace["pinned"] = found.pinned
    draft.tell("search.done", **found.event())
    return found.material


def look_up(
    request: AnswerRequest, workspace: Workspace, query: StandaloneQuery, prepared: PreparedAnswer
) -> RetrievedContext:
    """Add passages of pinned documents and of a search to the material, if the user may see them."""
    began = time.perf_counter()
    material, pinned = prepared.material, Pinned()
    if material.state is not None and material.state.pinned:
        room = builder.pinned_room(material, budget=prepared.budget)
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


async def _stream(model: ChatModel, request: ChatRequest, draft: Draft) -> None:
    """Add the model's events to `draft` until the model is done.

    Raises `AnswerFailed` after MODEL_SILENCE_SECONDS without an event.
    """
    loop = asyncio.get_running_loop()
    stream = cast("AsyncGenerator[ChatEvent, None]", model.stream(request))
    # Clients of model servers time out earlier, with an error that says more.
    limit = max(MODEL_SILENCE_SECONDS, 2.0 * settings.MODEL_FIRST_TOKEN_SECONDS)
    try:
        async with asyncio.timeout(limit) as silence, aclosing(stream):
            async for event in stream:
                silence.reschedule(loop.time() + limit)
                match event:
                    case Text(text):
                        draft.say(text)
                    case Reasoning(text):
                        draft.think(text)
                    case TextWasReasoning():
                        draft.take_text_as_reasoning()
                    case Done(finish_reason, usage):
                        draft.usage = dict(usage) or None
                        draft.trace["finish_reason"] = finish_reason
                        break
    except TimeoutError as error:
        sentence = _("The model stopped responding. Try again, or choose another model.")
        raise AnswerFailed(sentence, code="model_silent") from error
