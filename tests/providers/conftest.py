from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from providers.builtin import static_vectors
from providers.extractive import Extractive
from providers.protocols import ChatRequest, Done, Text


@dataclass(frozen=True)
class Quotable:
    """A passage with as little as a passage needs."""

    n: int
    text: str
    headings: Sequence[str] = ()


@pytest.fixture
def ask():
    """Return a function that asks builtin/extractive and gives back the whole answer."""

    async def ask(question: str, *texts: str | Quotable, language: str = "en") -> str:
        passages = [text if isinstance(text, Quotable) else Quotable(n, text) for n, text in enumerate(texts, start=1)]
        request = ChatRequest(messages=[], question=question, passages=passages, language=language)
        events = [event async for event in Extractive(static_vectors()).stream(request)]
        assert events[-1] == Done()
        assert all(isinstance(event, Text) for event in events[:-1])
        return "".join(event.text for event in events[:-1])

    return ask
