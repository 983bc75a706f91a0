"""Writes one answer: searches, composes the prompt, asks the model, and tells all of it to the draft.

It may fail or be cancelled at any point: whoever watches it says what becomes of the answer. No connection to the
database is held while the model speaks.
"""

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Final, cast

from django.conf import settings
from django.utils.translation import gettext as _

from chat import prompts, wording
from chat.answering.asked import Asked
from chat.answering.draft import Draft
from chat.answering.looking_up import look_up
from chat.exceptions import AnswerFailed
from chat.prompts import Material, Prompt
from language.scripts import language_of
from providers import registry
from providers.protocols import ChatEvent, ChatModel, ChatRequest, Done, Reasoning, Text
from web.database import in_database

# A model that is being loaded, or whose queue is long, may keep silent for minutes.
SILENCE: Final = 600.0
BUILT_IN: Final = "builtin/"
# Searches are mostly Python, which runs in one thread at a time: more of them at once would only hold up those who
# stream, and nobody's answer would begin before the last one's.
_searches: Final = ThreadPoolExecutor(max_workers=3, thread_name_prefix="search")


async def write(asked: Asked, draft: Draft) -> None:
    """Write the answer to what was asked into `draft`."""
    draft.tell("message.started", **_started(asked))
    if asked.workspace is not None:
        draft.tell("search.started", query=asked.question)
    found = await in_database(look_up, pool=_searches)(asked)
    if found.state is not None:
        draft.trace["search"] = found.trace
        draft.tell("search.done", **found.event())
    await _answer(asked, found.material(asked, language_of(asked.question)), draft)
    draft.finish_saying()
    if not draft.text.strip():
        raise AnswerFailed(_("The model answered nothing. Ask again, or choose another model."), code="empty_answer")


def _started(asked: Asked) -> dict[str, object]:
    message = asked.message
    parent = str(message.parent_id) if message.parent_id else None
    return {"role": message.role, "parent": parent, "model": asked.model, "question": asked.question}


async def _answer(asked: Asked, material: Material, draft: Draft) -> None:
    """Have the model answer; where there is nothing it may answer from, say so ourselves."""
    model = await in_database(registry.chat_model)(asked.model)
    budget = prompts.budget_for(model, most=settings.PROMPT_TOKENS)
    prompt = prompts.build(material, budget=budget, takes_system_prompt=model.takes_system_prompt)
    draft.trace["prompt"] = prompt.trace
    if material.state is not None:
        draft.may_cite(prompt.passages)
        if not prompt.passages and (material.mode == "strict" or asked.model.startswith(BUILT_IN)):
            draft.say(wording.found_nothing(material.state, material.language))
            return
    await _listen(model, _request(asked, material, prompt), draft)
    if material.state is not None and asked.model.startswith(BUILT_IN):
        draft.say(_postscript(wording.still_reading(material.state, material.language)))


def _request(asked: Asked, material: Material, prompt: Prompt) -> ChatRequest:
    temperature = asked.temperature
    if temperature is None and asked.workspace is not None:
        temperature = asked.workspace.setting("temperature")
    return ChatRequest(
        messages=prompt.messages,
        question=material.question,
        passages=prompt.passages,
        language=material.language,
        temperature=temperature,
    )


async def _listen(model: ChatModel, request: ChatRequest, draft: Draft) -> None:
    """Tell what the model says until it is done, or has been silent for too long."""
    loop = asyncio.get_running_loop()
    stream = cast("AsyncGenerator[ChatEvent, None]", model.stream(request))
    try:
        async with asyncio.timeout(SILENCE) as patience, aclosing(stream):
            async for event in stream:
                patience.reschedule(loop.time() + SILENCE)
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
        case Done(finish_reason, usage):
            draft.usage = dict(usage) or None
            draft.trace["finish_reason"] = finish_reason


def _postscript(sentence: str) -> str:
    return f"\n\n{sentence}" if sentence else ""
