"""Draft: the text, reasoning and citations of one answer so far, reported as events.

One task writes the draft. Closing ends it for good, even for a writer that ignores its
cancellation. The draft knows neither models nor the database.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

from chat.answering.events.event_log import EventLog
from chat.api.serializers import citation_json
from chat.citing.quotes import Quote, claim_before
from chat.citing.scanner import CitationMark, CitationScanner
from chat.exceptions import AnswerFailed
from chat.models import Citation
from chat.prompting.passages import PromptPassage

DeltaKind = Literal["answer.delta", "reasoning.delta"]
# Deltas that come faster are joined into one event; slower deltas are reported at once.
DELTA_INTERVAL_SECONDS: Final = 0.03
MAX_ANSWER_CHARS: Final = 500_000


class Draft:
    """The text, reasoning and citations of one answer."""

    def __init__(self, message: str) -> None:
        self.log = EventLog(message)
        self.text = ""
        self.reasoning = ""
        self._citations: dict[int, Citation] = {}
        self._quotes: dict[int, Quote] = {}
        self.trace: dict[str, Any] = {}
        self.usage: dict[str, Any] | None = None
        self._passages: dict[int, PromptPassage] = {}
        self._scanner: CitationScanner | None = None
        self._held: dict[DeltaKind, str] = {}
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._thinking_since: float | None = None

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations so far, in order of appearance.

        A citation whose quotation grows is replaced by a new object.
        """
        return tuple(self._citations.values())

    def tell(self, kind: str, **members: Any) -> None:
        """Report an event that is no delta, after the deltas before it."""
        self._check_open()
        self.flush()
        self.log.append(kind, **members)

    def may_cite(self, passages: Sequence[PromptPassage]) -> None:
        """Treat the numbers of `passages` in later text as citations; other numbers are removed."""
        self._passages = {passage.n: passage for passage in passages}
        self._scanner = CitationScanner(self._passages)

    def think(self, text: str) -> None:
        """Add to the reasoning."""
        self._check_open()
        _refuse_too_long(len(self.reasoning), len(self._held.get("reasoning.delta", "")), len(text))
        self._thinking_since = self._thinking_since or time.monotonic()
        self._add("reasoning.delta", _storable(text))

    def take_text_as_reasoning(self) -> None:
        """Move all text to the reasoning and drop its citations.

        Some models mark only the end of their reasoning. Readers have the text already, so a
        snapshot corrects them.
        """
        self.finish_saying()
        _refuse_too_long(len(self.reasoning), len(self.text))
        self.reasoning, self.text = self.reasoning + self.text, ""
        self._citations, self._quotes = {}, {}
        if self._scanner:
            self._scanner = CitationScanner(self._passages)
        self.log.append("message.snapshot", text="", reasoning=self.reasoning, citations=[])

    def say(self, text: str) -> None:
        """Add to the answer's text."""
        self._check_open()
        if self._thinking_since is not None:
            self.trace.setdefault(
                "reasoning_ms", round((time.monotonic() - self._thinking_since) * 1000)
            )
        _refuse_too_long(len(self.text), len(self._held.get("answer.delta", "")), len(text))
        for part in self._scanner.feed(_storable(text)) if self._scanner else [_storable(text)]:
            self._add_part(part)

    def finish_saying(self) -> None:
        """Report all text that was held back, either to be joined or as a possible citation."""
        self._check_open()
        for part in self._scanner.finish() if self._scanner else []:
            self._add_part(part)
        self.flush()

    def close(self) -> None:
        """Keep the text so far and refuse any addition, also by a writer that still runs."""
        if not self._closed:
            self.finish_saying()
            self._closed = True

    def flush(self) -> None:
        """Report the deltas that are held back to be joined."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        held, self._held = self._held, {}
        for kind, text in held.items():
            if kind == "answer.delta":
                self.text += text
            else:
                self.reasoning += text
            self.log.append(kind, text=text)

    def _add_part(self, part: str | CitationMark) -> None:
        if isinstance(part, str):
            self._add("answer.delta", part)
            return
        for number in part.numbers:
            self._cite(self._passages[number])
        self._add("answer.delta", part.space + "".join(f"[{number}]" for number in part.numbers))

    def _cite(self, passage: PromptPassage) -> None:
        """Report a citation; it is reported again when a later claim makes its quotation longer."""
        self.flush()
        quote = passage.quoted_for(claim_before(self.text))
        before = self._quotes.get(passage.n)
        if before is not None:
            quote = before.with_more(quote)
            if quote == before:
                return
        self._quotes[passage.n] = quote
        citation = self._citations[passage.n] = passage.cited_with(quote)
        self.log.append("citation", **citation_json(citation))

    def _add(self, kind: DeltaKind, text: str) -> None:
        if not text:
            return
        if self._held and kind not in self._held:
            self.flush()
        self._held[kind] = self._held.get(kind, "") + text
        loop = asyncio.get_running_loop()
        if loop.time() >= self._next_at:
            self.flush()
            self._next_at = loop.time() + DELTA_INTERVAL_SECONDS
        elif self._timer is None:
            self._timer = loop.call_at(self._next_at, self._flush_by_timer)

    def _flush_by_timer(self) -> None:
        self._timer = None
        self._next_at = asyncio.get_running_loop().time() + DELTA_INTERVAL_SECONDS
        self.flush()

    def _check_open(self) -> None:
        if self._closed:
            raise asyncio.CancelledError


def _refuse_too_long(*lengths: int) -> None:
    """Raise `AnswerFailed` if a text or reasoning exceeds MAX_ANSWER_CHARS."""
    if sum(lengths) > MAX_ANSWER_CHARS:
        raise AnswerFailed(
            _("The answer reached the maximum length and was cut off."), code="answer_too_long"
        )


def _storable(text: str) -> str:
    """Return `text` without NUL and lone surrogates, which neither PostgreSQL nor JSON can hold."""
    text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
