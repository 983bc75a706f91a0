"""A chat model of an OpenAI-compatible server: chat completions, and the reader of their events.

A parameter that a server refuses is omitted in a second request. Reasoning arrives as
`reasoning_content` (DeepSeek, SiliconFlow), as `reasoning` (OpenRouter, vLLM) or between tags.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from providers.exceptions import ProviderError
from providers.http.chat_stream import Body, ServedChat
from providers.http.client import MAX_STREAM_LINE_BYTES
from providers.http.errors import FaultFactory
from providers.http.refusals import excerpt, refusal
from providers.http.think_tags import ThinkTags
from providers.model_names import begins_thinking
from providers.protocols import ChatEvent, ChatRequest, Done, Reasoning

_OPTIONAL_PARAMETERS: Final = ("stream_options", "thinking", "temperature", "max_tokens")
_OTHER_FIELDS: Final = (b":", b"event:", b"id:", b"retry:")


class OpenAIChat(ServedChat):
    """One model of an OpenAI-compatible server."""

    path = "/chat/completions"

    def body(self, request: ChatRequest) -> Body:
        """Return the request."""
        body: Body = {
            "model": self.name,
            "messages": [{"role": turn.role, "content": turn.text} for turn in request.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.max_tokens is not None:
            body["max_tokens"] = request.max_tokens
        if self.found.thinks and not request.think:
            body["thinking"] = {"type": "disabled"}
        return body

    def reader(self) -> "OpenAIReader":
        """Return the reader of an answer."""
        return OpenAIReader(self.client.faults, self.name)

    def mended(self, body: Body, refused: ProviderError) -> Body | None:
        """Return the body without the refused parameter."""
        if refused.code != "provider_declined":
            return None
        for name in _OPTIONAL_PARAMETERS:
            if name in body and name in refused.said:
                rest = {key: value for key, value in body.items() if key != name}
                renamed = name == "max_tokens" and "max_completion_tokens" in refused.said
                return rest | ({"max_completion_tokens": body[name]} if renamed else {})
        return None

    async def names(self) -> list[str]:
        """Return the names of the models on the server."""
        answer = await self.client.fetch("/models")
        rows = answer.get("data") if isinstance(answer, dict) else None
        return [str(row["id"]) for row in rows or [] if isinstance(row, dict) and "id" in row]


class OpenAIReader:
    """Reader of the lines of one answer: server-sent events of one line each, or a JSON body."""

    def __init__(self, faults: FaultFactory, model: str) -> None:
        self.complete = False
        self._faults = faults
        self._model = model
        self._tags = ThinkTags(begins_thinking=begins_thinking(model))
        self._broken = False
        self._body = bytearray()
        self._strange = False
        self._seen = False
        self._reason = ""
        self._usage: dict[str, int] = {}

    def feed(self, line: bytes) -> Sequence[ChatEvent]:
        """Read the next line; raises a ProviderError."""
        line = line.strip()
        if line.startswith(b"data:"):
            return self._event(line[5:].strip())
        if self._body or (line.startswith(b"{") and not self._seen):
            self._body += line
            if len(self._body) > MAX_STREAM_LINE_BYTES:
                raise self._faults.too_much()
        elif line and not line.startswith(_OTHER_FIELDS):
            self._strange = True
        return []

    def finish(self) -> Sequence[ChatEvent]:
        """Return the remaining events, `Done` last; raises ProviderError for a cut answer."""
        # A server may answer in one piece, although a stream was requested.
        events = list(self._event(bytes(self._body))) if self._body else []
        if not self.complete:
            if self._strange and not self._seen:
                raise self._faults.not_understood()
            raise self._faults.cut_off()
        if not self._seen:
            raise self._faults.not_understood()
        events += self._tags.finish(complete=self._reason != "length")
        return [*events, Done(self._reason or "stop", self._usage)]

    def _event(self, data: bytes) -> Sequence[ChatEvent]:
        if data == b"[DONE]":
            self.complete = True
            return []
        if self._broken:
            raise self._faults.not_understood()
        try:
            part = json.loads(data)
        except (ValueError, RecursionError):
            self._broken = True  # Accepted as the last event, which may be cut off.
            self._strange = self._strange or not data.startswith(b"{")
            return []
        if not isinstance(part, dict):
            raise self._faults.not_understood()
        if part.get("error") or part.get("object") == "error":
            raise refusal(self._faults, _status(part), data, self._model)
        try:
            return self._read(part)
        except (AttributeError, TypeError):
            raise self._faults.not_understood() from None

    def _read(self, part: Mapping[str, Any]) -> Sequence[ChatEvent]:
        if isinstance(part.get("usage"), dict):
            self._usage = _counts(part["usage"])
        choices = part.get("choices")
        if not isinstance(choices, list):
            self._strange = self._strange or not self._usage
            return []
        choice = choices[0] if choices else {}
        delta = choice.get("delta") or choice.get("message") or {}
        self._seen = self._seen or "delta" in choice or "message" in choice
        events = self._said(delta)
        if reason := choice.get("finish_reason"):
            self._ended(reason)
        return events

    def _said(self, delta: Mapping[str, Any]) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            self._tags.thoughts_come_apart()
            events.append(Reasoning(_text(thought)))
        if said := _text(delta.get("content") or delta.get("refusal")):
            events += self._tags.feed(said)
        return events

    def _ended(self, reason: Any) -> None:
        self._reason = excerpt(str(reason), "")
        match self._reason:
            case "content_filter":
                raise self._faults.withheld()
            case "insufficient_system_resource":
                raise self._faults.no_capacity()
            case "error":
                raise self._faults.failing()
        self.complete = True


def _text(content: Any) -> str:
    """Return the text of `content`, which some servers send as a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return ""


def _status(part: Mapping[str, Any]) -> int:
    """Return the status of an error in the middle of a stream; 0 if it has none."""
    error = part["error"] if isinstance(part.get("error"), dict) else part
    code = str(error.get("code") or error.get("status") or "")
    return int(code) if code.isdecimal() and len(code) == 3 else 0


def _counts(usage: Mapping[str, Any]) -> dict[str, int]:
    counts = {
        name: count
        for name, count in usage.items()
        if isinstance(count, int) and name.isidentifier()
    }
    details = usage.get("completion_tokens_details")
    thought = details.get("reasoning_tokens") if isinstance(details, dict) else None
    return {**counts, **({"reasoning_tokens": thought} if isinstance(thought, int) else {})}
