"""Parses the body of a chat completion in OpenAI's format.

Unsupported members are ignored, except those without which the answer would be wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from chat.api.serializers import MAX_QUESTION_CHARS
from chat.prompting.builder import ChatTurn
from web.exceptions import Refusal

MAX_MESSAGES: Final = 1000
_ROLES: Final = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}


@dataclass(frozen=True, slots=True)
class Completion:
    """The request for a chat completion."""

    model: str
    question: str
    history: tuple[ChatTurn, ...]
    instructions: str
    temperature: float | None
    stream: bool
    include_usage: bool


def read_completion(body: dict[str, Any]) -> Completion:
    """Return the validated `body`; raises `Refusal`, which names the invalid member."""
    turns = _turns(body.get("messages"))
    asked = max((i for i, turn in enumerate(turns) if turn.role == "user"), default=None)
    if asked is None or not turns[asked].text.strip():
        raise _wrong(
            "messages",
            _("The request needs a message with role user; its last one is the question."),
        )
    if len(turns[asked].text) > MAX_QUESTION_CHARS:
        sentence = _(
            "A question can have %(most)s characters at most; shorten it, or add the text as a document."
        )
        raise _wrong("messages", sentence % {"most": MAX_QUESTION_CHARS})
    if body.get("n") not in (None, 1):
        raise _wrong("n", _("Only one answer per request is supported."))
    options = body.get("stream_options")
    return Completion(
        model=_text(body, "model"),
        question=turns[asked].text,
        history=tuple(turn for turn in turns[:asked] if turn.role != "system"),
        instructions="\n\n".join(turn.text for turn in turns if turn.role == "system"),
        temperature=_number(body, "temperature", 0, 2),
        stream=_flag(body, "stream"),
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


def _turns(messages: Any) -> list[ChatTurn]:
    if not isinstance(messages, list) or not 0 < len(messages) <= MAX_MESSAGES:
        raise _wrong("messages", _("messages must be a list of at least one message."))
    turns = [_turn(message) for message in messages]
    return [turn for turn in turns if turn is not None]


def _turn(message: Any) -> ChatTurn | None:
    if not isinstance(message, dict):
        raise _wrong("messages", _("A message must be an object with role and content."))
    role = message.get("role")
    if role in ("tool", "function"):
        return None  # Tools are not supported, so their results mean nothing to the model.
    if not isinstance(role, str) or role not in _ROLES:
        raise _wrong(
            "messages", _("A message's role must be system, developer, user or assistant.")
        )
    return ChatTurn(_ROLES[role], _content(message.get("content")))  # type: ignore[arg-type] # one of ChatTurn's roles


def _content(content: Any) -> str:
    """Return the text of a message, a string or text parts; images and audio are refused."""
    if content is None:
        return ""
    if isinstance(content, str):
        return _storable(content)
    if not isinstance(content, Sequence):
        raise _wrong("messages", _("A message's content must be text."))
    return _storable("".join(map(_part, content)))


def _part(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    if not isinstance(text, str):
        raise _wrong("messages", _("Only content parts of type text are supported."))
    return text


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(name, _("%(name)s must be a string.") % {"name": name})
    return _storable(value)


def _number(body: dict[str, Any], name: str, low: float, high: float) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _wrong(
            name,
            _("%(name)s must be a number from %(low)s to %(high)s.")
            % {"name": name, "low": low, "high": high},
        )
    return float(value)


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if value not in (None, True, False):
        raise _wrong(name, _("%(name)s must be true or false.") % {"name": name})
    return value is True


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _wrong(name: str, sentence: str) -> Refusal:
    return Refusal(sentence, code="invalid", errors={name: [sentence]})
