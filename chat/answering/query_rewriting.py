"""Has a model rewrite a question that leans on what was said before, so that it stands alone; by rule where it can't.

Searching waits for it, so it gets little time, no thinking and few words. What is asked in the end is the question as
it was put; the rewritten one is only searched for, and shown.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final, cast

from chat.answering.standalone_question import Standalone, by_rule, leans
from chat.citing.scanner import without_marks
from chat.prompting import wording
from chat.prompting.builder import Turn
from language.scripts import language_of
from language.words import query_terms
from providers.exceptions import ProviderError
from providers.protocols import ChatEvent, ChatModel, ChatRequest, Text, TextWasReasoning

PATIENCE: Final = 4.0
_MOST_TOKENS: Final = 120
_LONGEST: Final = 500
_TURNS: Final = 4
_TURN_LENGTH: Final = 600
_LABEL: Final = re.compile(
    r"^(?:[#>*\-\s]*(?:standalone |rewritten )?(?:question|问题|改写后的问题)\s*[:：])?[\s*\"“”「」']*", re.I
)


async def standing_alone(question: str, history: Sequence[Turn], model: ChatModel | None) -> Standalone:
    """Return what is to be searched for; `model` is None where there is none that could rewrite it."""
    # The same again is no question about the one before.
    asked_before = [turn.text for turn in history if turn.role == "user" and turn.text.strip() != question.strip()]
    if not asked_before or not leans(question):
        return Standalone(question)
    # One that will not take a system prompt is one that thinks, whether or not it is asked not to.
    if model is not None and model.takes_system_prompt and (better := await _by_model(question, history, model)):
        return Standalone(better, how="model")
    return by_rule(question, asked_before)


async def _by_model(question: str, history: Sequence[Turn], model: ChatModel) -> str:
    """Return the question in the model's words, "" where it has none to offer in time."""
    stream = cast("AsyncGenerator[ChatEvent, None]", model.stream(_request(question, history)))
    said: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE), aclosing(stream):
            async for event in stream:
                if isinstance(event, TextWasReasoning):
                    said.clear()
                elif isinstance(event, Text):
                    said.append(event.text)
    except (TimeoutError, ProviderError):
        return ""
    return _sensible("".join(said), question, history)


def _request(question: str, history: Sequence[Turn]) -> ChatRequest:
    language = language_of(question)
    names = wording.SPEAKERS[language]
    lines = [f"{names[turn.role]}{_clipped(turn)}" for turn in history[-_TURNS:]]
    asked = "\n".join(["<conversation>", *lines, "</conversation>", "", wording.QUESTION[language] + question])
    return ChatRequest(
        messages=(Turn("system", wording.REWRITE[language]), Turn("user", asked)),
        question=question,
        language=language,
        temperature=0.0,
        think=False,
        max_tokens=_MOST_TOKENS,
    )


def _clipped(turn: Turn) -> str:
    text = without_marks(" ".join(turn.text.split()))
    return text if len(text) <= _TURN_LENGTH else text[:_TURN_LENGTH] + "…"


def _sensible(answer: str, question: str, history: Sequence[Turn]) -> str:
    """Return the first line of what a model said, unless it is no question that one would search for.

    Small models answer, apologise or invent; what shares no word with the conversation asks for something else.
    """
    line = next((line.strip() for line in answer.splitlines() if line.strip()), "")
    text = _LABEL.sub("", line).rstrip("\"“”「」' *")
    known = query_terms(" ".join([question, *(turn.text for turn in history)]))
    return text if query_terms(text) & known and len(text) <= max(_LONGEST, 2 * len(question)) else ""
