"""Draft: what an answer has come to so far, told as events while it grows.

One task writes it; whoever closes it has the last word, even where the writer would not hear of an end. It knows
neither models nor the database.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

from chat.answering.events.event_log import Log
from chat.api.serializers import citation_json
from chat.citing.quotes import Quote, claim_before
from chat.citing.scanner import CitationScanner, Mark
from chat.exceptions import AnswerFailed
from chat.models import Citation
from chat.prompting.passages import Passage

Delta = Literal["answer.delta", "reasoning.delta"]
# Deltas that come faster than this are told together; slower ones are told at once.
TOGETHER: Final = 0.03
LONGEST_ANSWER: Final = 500_000


class Draft:
    """The text, reasoning and citations of one answer."""

    def __init__(self, message: str) -> None:
        self.log = Log(message)
        self.text = ""
        self.reasoning = ""
        self._citations: dict[int, Citation] = {}
        self._quotes: dict[int, Quote] = {}
        self.trace: dict[str, Any] = {}
        self.usage: dict[str, Any] | None = None
        self._passages: dict[int, Passage] = {}
        self._scanner: CitationScanner | None = None
        self._held: dict[Delta, str] = {}
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._thinking_since: float | None = None

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations so far, in the order they came; one whose quotation grows is another object then."""
        return tuple(self._citations.values())

    def tell(self, kind: str, **members: Any) -> None:
        """Tell an event that is no delta."""
        self._check_open()
        self.flush()
        self.log.append(kind, **members)

    def may_cite(self, passages: Sequence[Passage]) -> None:
        """From here on take the numbers of `passages` for citations, and take out any other."""
        self._passages = {passage.n: passage for passage in passages}
        self._scanner = CitationScanner(self._passages)

    def think(self, text: str) -> None:
        """Add to the reasoning."""
        self._check_open()
        _refuse_too_long(len(self.reasoning), len(self._held.get("reasoning.delta", "")), len(text))
        self._thinking_since = self._thinking_since or time.monotonic()
        self._add("reasoning.delta", _storable(text))

    def take_text_as_reasoning(self) -> None:
        """Move all text to the reasoning, without its citations: it was a thought whose beginning was not marked.

        Readers have it as text, so a snapshot tells them otherwise.
        """
        self.finish_saying()
        _refuse_too_long(len(self.reasoning), len(self.text))
        self.reasoning, self.text = self.reasoning + self.text, ""
        self._citations, self._quotes = {}, {}
        if self._scanner:
            self._scanner = CitationScanner(self._passages)
        self.log.append("message.snapshot", text="", reasoning=self.reasoning, citations=[])

    def say(self, text: str) -> None:
        """Add to the answer."""
        self._check_open()
        self._stop_the_clock()
        _refuse_too_long(len(self.text), len(self._held.get("answer.delta", "")), len(text))
        for part in self._scanner.feed(_storable(text)) if self._scanner else [_storable(text)]:
            self._take(part)

    def finish_saying(self) -> None:
        """Say what was held back, to be told together or because it might have become a citation."""
        self._check_open()
        for part in self._scanner.finish() if self._scanner else []:
            self._take(part)
        self.flush()

    def close(self) -> None:
        """Keep what has been said and let nobody add to it, the writer that may still run included."""
        if not self._closed:
            self.finish_saying()
            self._closed = True

    def flush(self) -> None:
        """Tell what is held back to be told together."""
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

    def _stop_the_clock(self) -> None:
        """Note how long the model thought before it said the first word."""
        if self._thinking_since is not None:
            self.trace.setdefault("reasoning_ms", round((time.monotonic() - self._thinking_since) * 1000))

    def _take(self, part: str | Mark) -> None:
        if isinstance(part, str):
            self._add("answer.delta", part)
            return
        for number in part.numbers:
            self._cite(self._passages[number])
        self._add("answer.delta", part.space + "".join(f"[{number}]" for number in part.numbers))

    def _cite(self, passage: Passage) -> None:
        """Tell a citation; told again with more words where the same passage bears what was said since."""
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

    def _add(self, kind: Delta, text: str) -> None:
        if not text:
            return
        if self._held and kind not in self._held:
            self.flush()
        self._held[kind] = self._held.get(kind, "") + text
        loop = asyncio.get_running_loop()
        if loop.time() >= self._next_at:
            self.flush()
            self._next_at = loop.time() + TOGETHER
        elif self._timer is None:
            self._timer = loop.call_at(self._next_at, self._flush_in_time)

    def _flush_in_time(self) -> None:
        self._timer = None
        self._next_at = asyncio.get_running_loop().time() + TOGETHER
        self.flush()

    def _check_open(self) -> None:
        if self._closed:
            raise asyncio.CancelledError


def _refuse_too_long(*lengths: int) -> None:
    """Raise `AnswerFailed` for a model that does not end: thoughts, too, are kept in memory and in a row."""
    if sum(lengths) > LONGEST_ANSWER:
        raise AnswerFailed(_("The answer grew too long and was ended here."), code="answer_too_long")


def _storable(text: str) -> str:
    """Return `text` without what neither the database nor JSON could carry: NUL and halves of characters."""
    text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
