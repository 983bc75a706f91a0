"""Gives the web process of a stack a chat model that speaks slowly: put this folder on its PYTHONPATH.

Python imports a module of this name at every start, before there is anything to register a model
with; hence the thread that waits for it.
"""

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator

WORDS_PER_SECOND = 20
WORDS = 100


class SlowModel:
    id = "slow/model"
    context_tokens = None
    takes_system_prompt = True

    async def stream(self, request: object) -> AsyncIterator[object]:
        from providers.protocols import Done, Text

        for number in range(WORDS):
            await asyncio.sleep(1 / WORDS_PER_SECOND)
            yield Text(f"w{number} ")
        yield Done()


class SlowSource:
    def models(self) -> list[object]:
        from providers.protocols import ModelInfo

        return [ModelInfo(id="slow/model", kind="chat", label="Slow")]

    def chat_model(self, name: str) -> object:
        return SlowModel()

    def embedding_model(self, name: str) -> None:
        return None

    def rerank_model(self, name: str) -> None:
        return None


def register() -> None:
    while (registry := sys.modules.get("providers.registry")) is None or not hasattr(
        registry, "available_models"
    ):
        time.sleep(0.02)
    registry._sources["slow"] = SlowSource()


if "embedded.processes.serve" in " ".join(sys.orig_argv):
    threading.Thread(target=register, daemon=True).start()
