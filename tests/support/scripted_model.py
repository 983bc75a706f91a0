"""A chat model that does what a test wrote down for it. `test_scripted` holds it to what real models promise."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from providers.protocols import (
    ChatEvent,
    ChatModel,
    ChatRequest,
    Done,
    EmbeddingModel,
    ModelInfo,
    Reranker,
    Text,
)

Step = ChatEvent | str | float | Exception | asyncio.Event | object
ID = "scripted/model"


class ScriptedModel:
    """Says strings and events, sleeps numbers, raises exceptions, waits for asyncio events; passes on anything else."""

    def __init__(self) -> None:
        self.id = ID
        self.context_tokens: int | None = None
        self.takes_system_prompt = True
        self.script: Sequence[Step] = ["Scripted."]
        self.requests: list[ChatRequest] = []
        self.closed = 0

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatEvent]:
        self.requests.append(request)
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                elif isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield Text(step) if isinstance(step, str) else step
            if not any(isinstance(step, Done) for step in self.script):
                yield Done(usage={"prompt_tokens": 7, "completion_tokens": 3})
        finally:
            self.closed += 1


class DeafModel(ScriptedModel):
    """Will not hear that it is cancelled, as a model in a thread would not."""

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatEvent]:
        self.requests.append(request)
        for step in self.script:
            yield Text(str(step))
        for _second in range(100):
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                yield Text("I did not hear that.")
        yield Done()


class Scripted:
    """The source of one scripted model."""

    def __init__(self, model: ScriptedModel) -> None:
        self.model = model

    def models(self) -> Sequence[ModelInfo]:
        return [ModelInfo(ID, "chat", "Scripted")]

    def chat_model(self, name: str) -> ChatModel | None:
        return self.model if name == "model" else None

    def embedding_model(self, name: str) -> EmbeddingModel | None:
        return None

    def rerank_model(self, name: str) -> Reranker | None:
        return None
