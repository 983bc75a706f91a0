"""Separates reasoning from answer text that contains both, marked by tags or channels.

An opening tag counts only at the beginning of an answer; a later one is text. A closing tag without
an opening tag makes all text before it reasoning, unless the tag is in code or quotation marks. A
tag may arrive in several pieces.
"""

import re
from typing import Final

from providers.http.channels import CHANNEL_OPENINGS, Channels
from providers.http.code_spans import CodeSpans
from providers.protocols import Reasoning, Text, TextWasReasoning

Split = Text | Reasoning | TextWasReasoning
_TAG_NAMES: Final = ("think", "thinking", "thought", "thoughts", "reasoning", "seed:think")
# The tags with other brackets are those of Kimi, Magistral, Sky-T1 and Cohere.
_CLOSING_TAG_OF: Final = {f"<{name}>": f"</{name}>" for name in _TAG_NAMES} | {
    "◁think▷": "◁/think▷",
    "[think]": "[/think]",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|start_thinking|>": "<|end_thinking|>",
}
_OPENING_TAGS: Final = tuple(_CLOSING_TAG_OF)
_CLOSING_TAGS: Final = tuple(_CLOSING_TAG_OF.values())
_FIRST_CHARACTERS: Final = frozenset(tag[0] for tag in _OPENING_TAGS)
_MAX_TAG_CHARACTERS: Final = max(map(len, _OPENING_TAGS + _CLOSING_TAGS))
_ANY_TAG: Final = re.compile("|".join(map(re.escape, _OPENING_TAGS + _CLOSING_TAGS)), re.IGNORECASE)
_CLOSING_TAG: Final = re.compile("|".join(map(re.escape, _CLOSING_TAGS)), re.IGNORECASE)
# A tag in quotation marks or in the middle of a sentence is a quotation. NUL replaces the tag.
_QUOTED_TAG: Final = re.compile("[\"'“‘「『`]\0[\"'”’」』`]|[A-Za-z,] \0 [a-z]")

# A long piece is processed in steps, so that the cost of a tag does not depend on its length.
_CHARACTERS_PER_STEP: Final = 4096
# Blanks held back before an opening tag. After more blanks, the text is a thought if the model
# begins by thinking, and answer text otherwise.
_MAX_HELD_BLANKS: Final = 1000
_BEFORE_QUOTED_TAG: Final = frozenset(" \"'“‘「『")


class ThinkTags:
    """Splits one answer into text and reasoning.

    `begins_thinking` is for models whose template opens the tag, so the answer has only its end.
    """

    def __init__(self, *, begins_thinking: bool = False) -> None:
        self._begins_thinking = begins_thinking
        self._close = _CLOSING_TAG
        self._held = ""
        self._final = False
        self._thoughts: list[str] = []
        self._code = CodeSpans()
        self._spoken = False
        self._opened = False
        self._apart = False
        self._channels = Channels()
        self._read = self._beginning

    def thoughts_come_apart(self) -> None:
        """Note that the server sends reasoning in a separate field, so the text has none."""
        self._apart = True
        if self._begins_thinking:
            self._begins_thinking = False
            if self._read == self._thinking:
                self._read = self._answering

    def feed(self, text: str) -> list[Split]:
        """Read the next piece; return the events that are certain."""
        events: list[Split] = []
        for start in range(0, len(text), _CHARACTERS_PER_STEP):
            self._held += text[start : start + _CHARACTERS_PER_STEP]
            events += self._read()
        return events

    def finish(self, *, complete: bool = True) -> list[Split]:
        """Return the events of the text that was held back.

        If a complete answer was expected to begin with reasoning but has no closing tag, all of
        its text is the answer.
        """
        self._final = True
        if self._begins_thinking and complete and self._read in (self._thinking, self._beginning):
            held, self._held = self._held, ""
            return [Text(("".join(self._thoughts) + held).strip())]
        return self._read()

    def _beginning(self) -> list[Split]:
        began = self._held.lstrip()
        if len(self._held) - len(began) > _MAX_HELD_BLANKS:
            self._read = self._thinking if self._begins_thinking else self._answering
            return self._read()
        lower = began[: _MAX_TAG_CHARACTERS + 1].lower()
        if not self._final and any(
            tag.startswith(lower) and tag != lower for tag in (*_OPENING_TAGS, *CHANNEL_OPENINGS)
        ):
            return []
        opening = next((tag for tag in _OPENING_TAGS if lower.startswith(tag)), None)
        if opening:
            self._begins_thinking = False
            self._close = re.compile(re.escape(_CLOSING_TAG_OF[opening]), re.IGNORECASE)
            self._held = began[len(opening) :]
            self._read = self._thinking
        elif lower.startswith(CHANNEL_OPENINGS):
            self._read = self._in_channels
        else:
            self._read = self._thinking if self._begins_thinking else self._answering
        return self._read()

    def _in_channels(self) -> list[Split]:
        held, self._held = self._held, ""
        return [*self._channels.feed(held), *(self._channels.finish() if self._final else [])]

    def _thinking(self) -> list[Split]:
        events: list[Split] = []
        while tag := self._close.search(self._held):
            events += self._thought(tag.start())
            after = self._held[len(tag[0]) :]
            if self._code.is_span and not after and not self._final:
                return events
            if not (self._code.is_span and after.startswith("`")):
                self._held = after
                self._read = self._after
                return [*events, *self._after()]
            events += self._thought(len(tag[0]))
        return events + self._thought(len(self._held) - len(self._uncertain()))

    def _thought(self, end: int) -> list[Split]:
        text, self._held = self._held[:end], self._held[end:]
        self._code.feed(text)
        if self._begins_thinking:
            self._thoughts.append(text)
        return [Reasoning(text)] if text else []

    def _after(self) -> list[Split]:
        """Skip the blank lines between reasoning and answer."""
        self._held = self._held.lstrip()
        if not self._held:
            return []
        self._read = self._rest
        return self._rest()

    def _answering(self) -> list[Split]:
        """Pass text through, and search for a closing tag without an opening tag."""
        events: list[Split] = []
        while tag := _ANY_TAG.search(self._held):
            events += self._said(tag.start())
            after = self._held[len(tag[0]) :]
            if len(after) < 2 and not self._final and self._code.before[-1:] in _BEFORE_QUOTED_TAG:
                return events  # The next characters decide whether the tag is quoted.
            if self._is_end(tag[0].lower(), after):
                self._held = after
                self._read = self._after
                return [
                    *events,
                    *([TextWasReasoning()] if self._code.before else []),
                    *self._after(),
                ]
            events += self._said(len(tag[0]))
        return events + self._said(len(self._held) - len(self._uncertain()))

    def _is_end(self, tag: str, after: str) -> bool:
        """Whether a tag in the text ends reasoning; a quoted tag or an opening tag does not."""
        if self._code.is_inside or _QUOTED_TAG.search(f"{self._code.before}\0{after[:2]}"):
            return False
        if tag in _CLOSING_TAG_OF:
            self._opened = True
        return not self._opened and not (self._apart and self._spoken)

    def _said(self, end: int) -> list[Split]:
        text, self._held = self._held[:end], self._held[end:]
        self._code.feed(text)
        self._spoken = self._spoken or bool(text.strip())
        return [Text(text)] if text else []

    def _rest(self) -> list[Split]:
        text, self._held = self._held, ""
        return [Text(text)] if text else []

    def _uncertain(self) -> str:
        """Return the end of the held text that may be the beginning of a tag."""
        if self._final:
            return ""
        end = self._held[-_MAX_TAG_CHARACTERS:]
        at = max(map(end.rfind, _FIRST_CHARACTERS))
        tail = end[at:].lower() if at >= 0 else ""
        return (
            end[at:]
            if tail and any(tag.startswith(tail) for tag in _OPENING_TAGS + _CLOSING_TAGS)
            else ""
        )
