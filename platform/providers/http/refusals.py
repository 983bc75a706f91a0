"""Maps error responses of model servers to errors, by status and by message.

Servers disagree about the status. For a missing model and an empty account, DeepSeek answers 400
and 402, OpenAI 404 and 429. A text that is too long gets a 400, 413 or 422, or an error in the
middle of a stream.
"""

import json
import math
import re
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any, Final

from providers.exceptions import ProviderError
from providers.http.errors import FaultFactory

_MAX_EXCERPT_CHARACTERS: Final = 160
# A message is cut before any pattern searches it, since a search holds the interpreter's lock and
# blocks all requests of the process.
_MAX_SEARCHED_CHARACTERS: Final = 4_000
_MAX_EXCERPT_SOURCE_CHARACTERS: Final = 2_000
_SECRET: Final = re.compile(r"\b(?:sk|key|pk|hf|gsk|Bearer)[-_ ][\w*.-]{6,}", re.IGNORECASE)
_MASK: Final = "***"
_TOO_LONG: Final = re.compile(
    r"context[ _](?:length|window|size)|maximum context|too many (?:input )?tokens|input (?:length|is too long)"
    r"|(?:prompt|input|text) (?:is )?too (?:long|large)|maximum (?:input|sequence|number of tokens)"
    r"|(?:less|more) than \d+ tokens",
    re.IGNORECASE,
)
_NO_MODEL: Final = re.compile(
    r"model\b.{0,120}\b(?:not (?:found|exist|available)|does not exist|doesn't exist)"
    r"|unknown model|no such model|model_not_found",
    re.IGNORECASE | re.DOTALL,
)
_SEARCHED_ERROR_CODES: Final = {"insufficient_quota", "context_length_exceeded", "model_not_found"}
_NO_BALANCE: Final = re.compile(
    r"insufficient[ _](?:quota|balance|credit|funds)|余额不足|欠费", re.IGNORECASE
)
_NO_MEMORY: Final = re.compile(
    r"(?:more|enough|insufficient|out of) (?:\w{1,20} )?memory\b|failed to allocate|signal: killed",
    re.IGNORECASE,
)
_NO_SYSTEM_ROLE: Final = re.compile(
    r"\bsystem\b.{0,40}\b(?:role|message|prompt|instruction)|\brole\b.{0,60}\bsystem\b|developer instruction"
    r"|roles must alternate|only user\b.{0,40}\broles|jinja exception",
    re.IGNORECASE,
)
_WITHHELD: Final = re.compile(
    r"content[ _](?:filter|policy|exists risk)|content exists risk", re.IGNORECASE
)


def refusal(faults: FaultFactory, status: int, content: bytes, model: str) -> ProviderError:
    """Return the error for an error response; `status` 0 is an error in the middle of a stream."""
    said = said_in(content)
    error = _fault(faults, status, said, model)
    error.said = said
    return error


def seconds_asked_for(header: str | None, *, now: float) -> float | None:
    """Return the seconds of a Retry-After, given as a number or a date; None if it is invalid."""
    if not header:
        return None
    with suppress(ValueError):
        return max(0.0, float(header)) if math.isfinite(float(header)) else None
    with suppress(ValueError, TypeError, OverflowError):
        return max(0.0, parsedate_to_datetime(header).timestamp() - now)
    return None


def refuses_system_role(error: ProviderError) -> bool:
    """Whether the model may have refused the request because of its system message.

    The message is that of the model's chat template, with status 400 or 500.
    """
    return error.code in {"provider_declined", "provider_failing"} and bool(
        _NO_SYSTEM_ROLE.search(error.said)
    )


def _fault(faults: FaultFactory, status: int, said: str, model: str) -> ProviderError:
    by_words = _by_words(faults, said, model)
    if by_words is not None and status not in {401, 403}:
        return by_words
    match status:
        case 401 | 403:
            return faults.key_refused()
        case 402:
            return faults.no_balance()
        case 404 | 405:
            return faults.model_missing(model) if model and said else faults.wrong_address()
        case 408 | 429 | 529:
            return faults.busy()
        case 413:
            return faults.too_long(model)
        case _ if 300 <= status < 400:
            return faults.redirects()
        case _ if 400 <= status < 500:
            return faults.declined(excerpt(said, faults.key))
    return faults.failing(excerpt(said, faults.key))


def _by_words(faults: FaultFactory, said: str, model: str) -> ProviderError | None:
    if _TOO_LONG.search(said):
        return faults.too_long(model)
    if model and _NO_MEMORY.search(said):
        return faults.no_memory(model)
    if _NO_BALANCE.search(said):
        return faults.no_balance()
    if model and _NO_MODEL.search(said):
        return faults.model_missing(model)
    if _WITHHELD.search(said):
        return faults.withheld()
    return None


def said_in(content: bytes) -> str:
    """Return the message of an error response; "" if its format is unknown."""
    try:
        return _said(json.loads(content))
    except (ValueError, RecursionError):
        return ""


def _said(body: Any) -> str:
    if isinstance(body, str):
        return body[:_MAX_SEARCHED_CHARACTERS]
    if isinstance(body, list):
        return "; ".join(filter(None, map(_said, body[:3])))[:_MAX_SEARCHED_CHARACTERS]
    if not isinstance(body, dict):
        return ""
    found = [_said(body[name]) for name in ("error", "message", "msg", "detail") if body.get(name)]
    return " ".join(dict.fromkeys([*filter(None, found), *_where(body)]))[:_MAX_SEARCHED_CHARACTERS]


def _where(body: dict[str, Any]) -> list[str]:
    """Return the rejected part of the request (FastAPI's `loc`), and a known error code."""
    place = body.get("loc")
    code = body.get("code")
    names = [str(part) for part in place[:8]] if isinstance(place, list) else []
    return [*names, code] if isinstance(code, str) and code in _SEARCHED_ERROR_CODES else names


def excerpt(said: str, key: str) -> str:
    """Return the beginning of a message, on one line and without possible keys."""
    start = said[:_MAX_EXCERPT_SOURCE_CHARACTERS]
    if key:
        start = start.replace(key, "…")
        if len(said) > _MAX_EXCERPT_SOURCE_CHARACTERS:  # Its end may be a part of the key.
            start = start[: -len(key)]
    line = " ".join("…" if _MASK in word else word for word in start.split())
    line = "".join(letter for letter in _SECRET.sub("…", line) if letter.isprintable())
    return (
        line if len(line) <= _MAX_EXCERPT_CHARACTERS else line[: _MAX_EXCERPT_CHARACTERS - 1] + "…"
    )
