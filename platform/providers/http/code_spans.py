"""Tracks whether the end of a streamed text is inside Markdown code."""

from typing import Final

_FENCES: Final = ("```", "~~~")
_CONTEXT_CHARACTERS: Final = 2


class CodeSpans:
    """The state of one streamed text.

    A code span ends with its line at the latest. A line that begins with a fence mark opens or
    closes a fence.
    """

    def __init__(self) -> None:
        self.before = ""
        """The last two characters of the text."""
        self._line = ""
        self._ticks = 0
        self._is_fenced = False

    @property
    def is_inside(self) -> bool:
        """Whether the next character is code."""
        return self._is_fenced or self.is_span or self._line.lstrip().startswith(_FENCES)

    @property
    def is_span(self) -> bool:
        """Whether the next character is in a code span."""
        return self._ticks % 2 == 1

    def feed(self, text: str) -> None:
        """Add the next piece."""
        self.before = (self.before + text)[-_CONTEXT_CHARACTERS:]
        *ended, rest = text.split("\n")
        for line in ended:
            self._line = (self._line + line)[:8]
            if self._line.lstrip().startswith(_FENCES):
                self._is_fenced = not self._is_fenced
            self._line, self._ticks = "", 0
        self._ticks += rest.count("`")
        if len(self._line) < 8:
            self._line = (self._line + rest)[:8]
