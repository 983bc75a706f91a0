"""Translates events and messages of answers into OpenAI's chat completions."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from chat.answering.events.event_log import Event
from language.tokens import count_tokens

FINISH_REASONS: Final = {"stop", "length", "content_filter"}


@dataclass(frozen=True, slots=True)
class Reply:
    """One completion, whole or in chunks."""

    id: UUID
    model: str
    created: int = field(default_factory=lambda: int(time.time()))

    def chunks(self, event: Event, *, include_usage: bool) -> Iterator[dict[str, Any]]:
        """Yield the chunks to send for an event."""
        match event["type"]:
            case "message.started":
                yield self._chunk({"role": "assistant", "content": ""})
            case "answer.delta":
                yield self._chunk({"content": event["text"]})
            case "reasoning.delta":
                yield self._chunk({"reasoning_content": event["text"]})
            case "message.snapshot":
                # The text sent so far was reasoning. Chunks cannot be withdrawn, only separated.
                yield self._chunk({"content": "\n\n"})
            case "message.done" if event["status"] == "failed":
                error = event["error"]
                yield {
                    "error": {
                        "message": error["message"],
                        "type": "server_error",
                        "code": error["code"],
                    }
                }
            case "message.done":
                yield self._chunk({}, finish_reason(event)) | {"citations": event["citations"]}
                if include_usage:
                    yield self._head("chat.completion.chunk") | {
                        "choices": [],
                        "usage": usage(event),
                    }

    def whole(self, end: Event) -> dict[str, Any]:
        """Return the completion of an answer that has ended."""
        message = {"role": "assistant", "content": end["text"]}
        if end["reasoning"]:
            message["reasoning_content"] = end["reasoning"]
        choice = {
            "index": 0,
            "message": message,
            "finish_reason": finish_reason(end),
            "logprobs": None,
        }
        more = {"choices": [choice], "usage": usage(end), "citations": end["citations"]}
        return self._head("chat.completion") | more

    def _chunk(self, delta: dict[str, str], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return self._head("chat.completion.chunk") | {"choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self.id}",
            "object": kind,
            "created": self.created,
            "model": self.model,
        }


def finish_reason(end: Event) -> str:
    """Return the reason why the model ended, "stop" for a reason unknown to OpenAI's format."""
    reason = end["trace"].get("finish_reason")
    return reason if reason in FINISH_REASONS else "stop"


def usage(end: Event) -> dict[str, int]:
    """Return the token counts of the model, or estimates if the model reports none."""
    counted = end["usage"] or {}
    prompt = counted.get("prompt_tokens", end["trace"].get("prompt", {}).get("tokens", 0))
    completion = counted.get(
        "completion_tokens", round(count_tokens(end["text"] + end["reasoning"]))
    )
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
