"""The scripted model fulfils the protocol of chat models."""

import pytest
from support.scripted_model import ScriptedModel

from chat.prompting.builder import ChatTurn
from chat.prompting.passages import PromptPassage
from providers import registry
from providers.protocols import ChatRequest, Done, Reasoning, Text
from web.ids import new_id

PASSAGE = PromptPassage(
    1, new_id(), new_id(), "Wings.pdf", 1, ("Lift",), 1, 1, "Lift grows with the speed.", 1.0
)
REQUEST = ChatRequest([ChatTurn("user", "How does lift grow?")], "How does lift grow?", [PASSAGE])


@pytest.mark.parametrize(
    "model", [ScriptedModel(), registry.chat_model("builtin/extractive")], ids=lambda m: m.id
)
async def test_the_scripted_model_streams_text_and_then_done(model):
    events = [event async for event in model.stream(REQUEST)]

    assert isinstance(events[-1], Done)
    assert all(isinstance(event, Text | Reasoning) and event.text for event in events[:-1])
    assert "".join(event.text for event in events[:-1]).strip()


@pytest.mark.parametrize(
    "model", [ScriptedModel(), registry.chat_model("builtin/extractive")], ids=lambda m: m.id
)
async def test_the_scripted_model_may_be_closed_early(model):
    stream = model.stream(REQUEST)

    first = await anext(stream)
    await stream.aclose()

    assert isinstance(first, Text | Reasoning)
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
