"""Parses the frames that clients send over a socket."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from chat.api.serializers import QuestionSerializer
from web.api.strict_json import MalformedJson, read_json
from web.exceptions import Refusal

MAX_FRAME_CHARS: Final = 256 * 1024
SEQ_LIMIT: Final = 2**31


class UnreadableFrame(Refusal):
    """The frame is invalid."""

    code = "malformed"


@dataclass(frozen=True, slots=True)
class AskFrame:
    """Ask a question."""

    text: str
    model: str | None
    parent: UUID | None


@dataclass(frozen=True, slots=True)
class StopFrame:
    """Stop one answer, or all running answers."""

    message: str | None


@dataclass(frozen=True, slots=True)
class ResumeFrame:
    """Follow an answer from event number `after` on."""

    message: str
    after: int


def read_frame(text: str | None) -> AskFrame | StopFrame | ResumeFrame:
    """Parse a frame; raises `UnreadableFrame` with a sentence for the client."""
    content = _object(text)
    match content.get("type"):
        case "ask":
            return _ask(content)
        case "stop":
            return StopFrame(_id(content, required=False))
        case "resume":
            return ResumeFrame(_id(content, required=True) or "", _seq(content.get("after", 0)))
    raise UnreadableFrame(
        _("The type of a frame must be ask, stop or resume."), code="unknown_frame"
    )


def _object(text: str | None) -> dict[str, Any]:
    if text is None:
        raise UnreadableFrame(_("Frames must be text frames that contain JSON."))
    if len(text) > MAX_FRAME_CHARS:
        raise UnreadableFrame(_("The frame exceeds the size limit."), code="too_large")
    try:
        content = read_json(text)
    except MalformedJson as error:
        raise UnreadableFrame(_("The frame is not valid JSON.")) from error
    if not isinstance(content, dict):
        raise UnreadableFrame(_("A frame must be a JSON object."))
    return content


def _ask(content: dict[str, Any]) -> AskFrame:
    question = QuestionSerializer(data=content)
    if not question.is_valid():
        name, reasons = next(iter(question.errors.items()))
        raise UnreadableFrame(f"{name}: {reasons[0]}", code="invalid")
    values = question.validated_data
    return AskFrame(values["text"], values.get("model") or None, values.get("parent"))


def _id(content: dict[str, Any], *, required: bool) -> str | None:
    message = content.get("message")
    if message is None and not required:
        return None
    if not isinstance(message, str) or not message:
        raise UnreadableFrame(_("message must be the ID of an answer."), code="invalid")
    return message


def _seq(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < SEQ_LIMIT:
        raise UnreadableFrame(
            _("after must be the number of the last event received, or 0."), code="invalid"
        )
    return value
