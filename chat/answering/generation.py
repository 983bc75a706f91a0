"""Writes one answer: searches, composes the prompt, asks the model, and tells all of it to the draft.

It may fail or be cancelled at any point: whoever watches it says what becomes of the answer. No connection to the
database is held while the model speaks.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, nullcontext
from typing import Final, cast

from django.conf import settings
from django.utils.translation import gettext as _

from chat.admission import SERVER_CALLS_AT_ONCE, calling_servers, searching, writing
from chat.answering.context import Prepared, look_up, nothing_to_find, prepare
from chat.answering.draft import Draft
from chat.answering.lookup_barrier import rush_of
from chat.answering.query_rewriting import standing_alone
from chat.answering.request import Asked
from chat.answering.standalone_question import Standalone
from chat.exceptions import AnswerFailed
from chat.prompting import builder, wording
from chat.prompting.builder import Material, Prompt
from providers.protocols import ChatEvent, ChatModel, ChatRequest, Done, Reasoning, Text, TextWasReasoning
from providers.registry import is_built_in
from web.database import in_database
from workspaces.models import Workspace

# A model that is being loaded, or whose queue is long, may keep silent for minutes.
SILENCE: Final = 600.0
_searches: Final = ThreadPoolExecutor(max_workers=settings.SEARCHES_AT_ONCE, thread_name_prefix="search")
_waiting: Final = ThreadPoolExecutor(max_workers=SERVER_CALLS_AT_ONCE, thread_name_prefix="search and wait")


async def write(asked: Asked, draft: Draft, prepared: Prepared | None = None) -> None:
    """Write the answer to what was asked into `draft`."""
    draft.tell("message.started", **_started(asked))
    async with writing(asked.user.pk):
        prepared = prepared or await in_database(prepare)(asked)
        standalone, material = Standalone(asked.question), prepared.material
        if asked.workspace is not None:
            standalone = await _standing_alone(asked, prepared, draft)
            material = await _searched(asked, asked.workspace, standalone, prepared, draft)
        await _answer(asked, prepared, standalone, material, draft)
    draft.finish_saying()
    if not draft.text.strip():
        raise AnswerFailed(_("The model answered nothing. Ask again, or choose another model."), code="empty_answer")


async def _standing_alone(asked: Asked, prepared: Prepared, draft: Draft) -> Standalone:
    """Return what is to be searched for, and tell where it is not the question as it was put."""
    began = time.perf_counter()
    model = None if is_built_in(asked.model) else prepared.model
    standalone = await standing_alone(asked.question, prepared.material.history, model)
    if standalone.how:
        ms = round((time.perf_counter() - began) * 1000, 1)
        draft.trace["standalone"] = {"text": standalone.text, "how": standalone.how, "ms": ms}
    draft.tell("search.started", query=standalone.text, rewritten=bool(standalone.how))
    return standalone


async def _searched(
    asked: Asked, workspace: Workspace, standalone: Standalone, prepared: Prepared, draft: Draft
) -> Material:
    """Search, tell what was found, and return the material with it."""
    if prepared.searches:
        # A server is waited for, which is no work for this machine, and one that is silent holds up nobody else.
        waits = prepared.waits
        slots, pool = (calling_servers, _waiting) if waits else (searching, _searches)
        async with slots.slot_async(asked.user.pk):
            with nullcontext() if waits else rush_of(asked.user.pk).reading():
                found = await in_database(look_up, pool=pool)(asked, workspace, standalone, prepared)
    else:
        found = nothing_to_find(standalone, prepared)
    draft.trace["search"] = {**found.search, "documents": found.documents}
    if found.pinned:
        draft.trace["pinned"] = found.pinned
    draft.tell("search.done", **found.event())
    return found.material


def _started(asked: Asked) -> dict[str, object]:
    message = asked.message
    parent = str(message.parent_id) if message.parent_id else None
    return {"role": message.role, "parent": parent, "model": asked.model, "question": asked.question}


async def _answer(asked: Asked, prepared: Prepared, standalone: Standalone, material: Material, draft: Draft) -> None:
    """Have the model answer; where there is nothing it may answer from, say so ourselves."""
    model = prepared.model
    prompt = builder.build(material, budget=prepared.budget, takes_system_prompt=model.takes_system_prompt)
    draft.trace["prompt"] = prompt.trace
    if material.state is not None:
        draft.may_cite(prompt.passages)
        if not prompt.passages and (material.mode == "strict" or is_built_in(asked.model)):
            draft.say(wording.found_nothing(material.state, material.language))
            return
    await rush_of(asked.user.pk).over()
    await _listen(model, _request(prepared, standalone, prompt), draft)
    if material.state is not None and is_built_in(asked.model):
        draft.say(_postscript(wording.still_reading(material.state, material.language)))


def _request(prepared: Prepared, standalone: Standalone, prompt: Prompt) -> ChatRequest:
    return ChatRequest(
        messages=prompt.messages,
        question=standalone.question,  # For models that read no messages.
        passages=prompt.passages,
        language=prepared.material.language,
        temperature=prepared.temperature,
    )


async def _listen(model: ChatModel, request: ChatRequest, draft: Draft) -> None:
    """Tell what the model says until it is done, or has been silent for too long."""
    loop = asyncio.get_running_loop()
    stream = cast("AsyncGenerator[ChatEvent, None]", model.stream(request))
    # Those that speak to servers are less patient than this, and know better what to say.
    longest = max(SILENCE, 2.0 * settings.MODEL_FIRST_TOKEN_SECONDS)
    try:
        async with asyncio.timeout(longest) as patience, aclosing(stream):
            async for event in stream:
                patience.reschedule(loop.time() + longest)
                _tell(event, draft)
                if isinstance(event, Done):
                    break
    except TimeoutError as error:
        sentence = _("The model has said nothing for minutes. Ask again, or choose another model.")
        raise AnswerFailed(sentence, code="model_silent") from error


def _tell(event: ChatEvent, draft: Draft) -> None:
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


def _postscript(sentence: str) -> str:
    return f"\n\n{sentence}" if sentence else ""
