"""Listening to a model in tests of the providers."""

import asyncio
from collections.abc import Callable

from providers.exceptions import ProviderError
from providers.http.timeouts import Timeouts
from providers.protocols import ChatModel, ChatRequest, Done, Reasoning, Text, TextWasReasoning

# Enough on a busy machine for what comes at once, little enough to wait for what never comes.
QUICK = Timeouts(connect=1, first_token=1, silence=0.6)


async def told(model: ChatModel, request: ChatRequest | None = None) -> tuple[str, str, str]:
    """Return what was thought and said until the end, and the end or the code of the error."""
    thought, said, end = "", "", "nothing"
    try:
        async for event in model.stream(request or ChatRequest([], "")):
            assert end == "nothing"
            match event:
                case Reasoning(text):
                    thought += text
                case Text(text):
                    said += text
                case TextWasReasoning():
                    thought, said = thought + said, ""
                case Done(reason):
                    end = reason
    except ProviderError as error:
        end = error.code
    return thought, said, end


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 (the condition is met by another thread)
            await asyncio.sleep(0.01)
