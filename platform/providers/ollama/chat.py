"""A chat model of Ollama: requests to /api/chat, and the reader of its answers.

The context size is always sent: Ollama's default is small and truncates prompts silently. It grows
in steps and never shrinks while the model may be loaded, since each change reloads the model.
"""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings

from language.tokens import count_tokens
from providers.exceptions import ProviderError
from providers.http.chat_stream import Body, ServedChat
from providers.http.errors import FaultFactory
from providers.http.refusals import excerpt, refusal
from providers.http.think_tags import ThinkTags
from providers.protocols import ChatEvent, ChatRequest, Done, Reasoning

_MODEL_LOADED_SECONDS: Final = 30 * 60.0
_MIN_CONTEXT_TOKENS: Final = 4096
_DEFAULT_ANSWER_TOKENS: Final = 2048
_THINKING_TOKENS: Final = 4096
_TOKENS_PER_TURN: Final = 8
# The context size of the last request and its time, by address and name of the model.
_context_sizes: dict[tuple[str, str], tuple[int, float]] = {}


class OllamaChat(ServedChat):
    """One model of an Ollama server."""

    path = "/api/chat"

    def body(self, request: ChatRequest) -> Body:
        """Return the request, with a context that holds prompt and answer."""
        options: dict[str, float] = {"num_ctx": self._context(request)}
        if request.temperature is not None:
            options["temperature"] = request.temperature
        if request.max_tokens is not None:
            options["num_predict"] = request.max_tokens
        return {
            "model": self.name,
            "messages": [{"role": turn.role, "content": turn.text} for turn in request.messages],
            "stream": True,
            **keep_alive(),
            # Have Ollama report an error instead of truncating the prompt.
            "truncate": False,
            "shift": False,
            "options": options,
            **({"think": request.think} if self.found.thinks else {}),
        }

    def reader(self) -> "OllamaReader":
        """Return the reader of an answer."""
        return OllamaReader(self.client.faults, self.name)

    def mended(self, body: Body, refused: ProviderError) -> Body | None:
        """Return the body with a larger context, or without a refused `think` parameter."""
        if refused.code == "provider_too_long":
            return self._widened(body)
        if "think" in body and "think" in refused.said:
            return {name: value for name, value in body.items() if name != "think"}
        return None

    async def names(self) -> list[str]:
        """Return the names of the models on the server."""
        answer = await self.client.fetch("/api/tags")
        rows = answer.get("models") if isinstance(answer, dict) else None
        return [str(row["name"]) for row in rows or [] if isinstance(row, dict) and "name" in row]

    def _context(self, request: ChatRequest) -> int:
        thinks = self.found.thinks and request.think
        room = (request.max_tokens or _DEFAULT_ANSWER_TOKENS) + (_THINKING_TOKENS if thinks else 0)
        prompt = sum(count_tokens(turn.text) + _TOKENS_PER_TURN for turn in request.messages)
        needed = context_size(prompt + room, self.context_tokens)
        key = (self.client.base_url, self.name)
        size, at = _context_sizes.get(key, (0, 0.0))
        if time.monotonic() - at < _MODEL_LOADED_SECONDS:
            needed = max(needed, size)
        _context_sizes[key] = (needed, time.monotonic())
        return needed

    def _widened(self, body: Body) -> Body | None:
        size = body["options"]["num_ctx"]
        wider = context_size(size + 1, self.context_tokens)
        if wider <= size or self.context_tokens is None:
            return None
        _context_sizes[self.client.base_url, self.name] = (wider, time.monotonic())
        return {**body, "options": {**body["options"], "num_ctx": wider}}


def keep_alive() -> dict[str, int | str]:
    """Return the `keep_alive` parameter; {} if the server's own setting applies."""
    asked: str = settings.OLLAMA_KEEP_ALIVE
    try:
        return {"keep_alive": int(asked)} if asked else {}
    except ValueError:
        return {"keep_alive": asked}


def context_size(tokens: float, max_tokens: int | None) -> int:
    """Return the smallest context size for so many tokens, at most `max_tokens`.

    Sizes are powers of two, since each change of the size reloads the model.
    """
    size = _MIN_CONTEXT_TOKENS
    while size < tokens:
        size *= 2
    return min(size, max_tokens) if max_tokens else size


class OllamaReader:
    """Reader of the lines of one answer; each line is a JSON object."""

    def __init__(self, faults: FaultFactory, model: str) -> None:
        self.complete = False
        self._faults = faults
        self._model = model
        self._tags = ThinkTags()
        self._broken = b""
        self._seen = False
        self._done = Done()

    def feed(self, line: bytes) -> Sequence[ChatEvent]:
        """Read the next line; raises a ProviderError."""
        line = line.strip()
        if not line or self.complete:
            return []
        if self._broken:
            raise self._faults.not_understood()
        try:
            part = json.loads(line)
        except (ValueError, RecursionError):
            self._broken = line  # Accepted as the last line, which may be cut off.
            return []
        if isinstance(part, dict) and "error" in part:
            raise refusal(self._faults, 0, line, self._model)
        if not isinstance(part, dict) or not isinstance(part.get("message"), dict):
            raise self._faults.not_understood()
        self._seen = True
        return self._read(part)

    def finish(self) -> Sequence[ChatEvent]:
        """Return the remaining events, `Done` last; raises ProviderError for a cut answer."""
        if self.complete:
            return [*self._tags.finish(complete=self._done.finish_reason != "length"), self._done]
        if self._broken and not self._seen and not self._broken.startswith(b"{"):
            raise self._faults.not_understood()
        raise self._faults.cut_off()

    def _read(self, part: Mapping[str, Any]) -> Sequence[ChatEvent]:
        thought = part["message"].get("thinking") or ""
        said = part["message"].get("content") or ""
        if not isinstance(thought, str) or not isinstance(said, str):
            raise self._faults.not_understood()
        events: list[ChatEvent] = []
        if thought:
            self._tags.thoughts_come_apart()
            events.append(Reasoning(thought))
        if said:
            events += self._tags.feed(said)
        if part.get("done"):
            self.complete = True
            self._done = Done(excerpt(str(part.get("done_reason") or "stop"), ""), _usage(part))
        return events


def _usage(part: Mapping[str, Any]) -> dict[str, int]:
    counts = {
        "prompt_tokens": part.get("prompt_eval_count"),
        "completion_tokens": part.get("eval_count"),
    }
    return {name: count for name, count in counts.items() if isinstance(count, int)}
