"""A chat request is not repeated after the first token of its answer, for any error."""

import json
from collections.abc import AsyncIterator

import pytest
from fakes.sockets import Answer, FakeServer, Request
from support.model_listener import QUICK, told

from providers.connections.factory import server_for
from providers.protocols import ChatRequest, FoundModel

ERRORS_MENDED_BEFORE_THE_FIRST_TOKEN = [
    "System role not supported",
    "Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/...",
    "Unsupported parameter: 'temperature'",
    "model does not support thinking",
    "the input length exceeds the context length",
]
FIRST_TOKENS = {
    "openai": [
        {"choices": [{"delta": {"content": "Blue"}}]},
        {"choices": [{"delta": {"reasoning_content": "Well"}}]},
    ],
    "ollama": [{"message": {"content": "Blue"}}, {"message": {"thinking": "Well"}}],
}


class BreakingServer(FakeServer):
    """Sends one token, then an error."""

    def __init__(self, kind: str, token: dict[str, object], words: str) -> None:
        super().__init__()
        error = {"error": {"message": words, "code": 400}} if kind == "openai" else {"error": words}
        self._parts = [token, error]
        self._frame = "data: {}\n\n" if kind == "openai" else "{}\n"

    async def answer(self, request: Request) -> Answer:
        return Answer(frames=self._frames(), media_type="text/event-stream")

    async def _frames(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield self._frame.format(json.dumps(part)).encode()


@pytest.mark.parametrize("words", ERRORS_MENDED_BEFORE_THE_FIRST_TOKEN)
@pytest.mark.parametrize(
    ("kind", "token"), [(kind, token) for kind, tokens in FIRST_TOKENS.items() for token in tokens]
)
async def test_a_failure_after_the_first_token_causes_no_second_request(kind, token, words, said):
    turns = [said("Be short.", "system"), said("What is blue?")]
    with BreakingServer(kind, token, words) as server:
        found = FoundModel("m", "chat", thinks=True, context_tokens=65_536)
        model = server_for(kind, server.url, "", QUICK).chat_model("x/m", found)
        thought, answered, end = await told(
            model, ChatRequest(turns, turns[-1].text, temperature=0.2)
        )

    assert thought + answered in {"Well", "Blue"}
    assert end.startswith("provider_")
    assert len(server.requests) == 1
