"""Splits what a model thinks from what it says, where both come in one text with `<think>` tags.

Tags count at the beginning of an answer only; one that is quoted later is text. A tag may come in pieces.
"""

from typing import Final

from providers.protocols import Reasoning, Text

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class ThinkTags:
    """Reads one answer. `begins_thinking` is for models whose template opens the tag, so that only its end comes."""

    def __init__(self, *, begins_thinking: bool = False) -> None:
        self._begins_thinking = begins_thinking
        self._held = ""
        self._thoughts: list[str] = []
        self._read = self._beginning

    def feed(self, text: str) -> list[Text | Reasoning]:
        """Read the next piece; return what is certain by now."""
        self._held += text
        return self._read()

    def finish(self, *, complete: bool = True) -> list[Text | Reasoning]:
        """Return what was held back.

        A model that was expected to think, came to its end and never said that it had thought, has answered.
        """
        held, self._held = self._held, ""
        if self._read == self._thinking:
            if self._begins_thinking and complete:
                return [Text(("".join(self._thoughts) + held).strip())]
            return [Reasoning(held)] if held else []
        return [Text(held)] if held else []

    def _beginning(self) -> list[Text | Reasoning]:
        began = self._held.lstrip()
        if _OPEN.startswith(began) and began != _OPEN:
            return []
        if began.startswith(_OPEN):
            self._begins_thinking = False
            self._held = began[len(_OPEN) :]
            self._read = self._thinking
        else:
            self._read = self._thinking if self._begins_thinking else self._answering
        return self._read()

    def _thinking(self) -> list[Text | Reasoning]:
        before, close, after = self._held.partition(_CLOSE)
        if close:
            self._held = after
            self._read = self._after
            return [*([Reasoning(before)] if before else []), *self._after()]
        return [Reasoning(text)] if (text := self._certain()) else []

    def _after(self) -> list[Text | Reasoning]:
        """Leave out the blank lines between thoughts and answer."""
        self._held = self._held.lstrip()
        if not self._held:
            return []
        self._read = self._said
        return self._said()

    def _answering(self) -> list[Text | Reasoning]:
        """Let text pass, without the end of a thought whose beginning was never seen."""
        before, close, after = self._held.partition(_CLOSE)
        if close:
            self._held = after
            self._read = self._after
            return [*([Text(before)] if before else []), *self._after()]
        return [Text(text)] if (text := self._certain()) else []

    def _said(self) -> list[Text | Reasoning]:
        text, self._held = self._held, ""
        return [Text(text)] if text else []

    def _certain(self) -> str:
        """Take what cannot be the beginning of the closing tag."""
        at = self._held.rfind("<")
        keep = len(self._held) if at < 0 or not _CLOSE.startswith(self._held[at:]) else at
        text, self._held = self._held[:keep], self._held[keep:]
        if self._read == self._thinking and self._begins_thinking:
            self._thoughts.append(text)
        return text
