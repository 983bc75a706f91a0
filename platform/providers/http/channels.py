"""Reader of the channels of gpt-oss, for servers that send them unparsed.

The format is OpenAI's Harmony: `<|channel|>analysis<|message|>…<|end|>`. The channel `final` holds
the answer, all others hold reasoning.
"""

import re
from typing import Final

from providers.protocols import Reasoning, Text

_ANSWER_CHANNEL: Final = "final"
CHANNEL_OPENINGS: Final = ("<|channel|>", "<|start|>")
_MARK: Final = re.compile(r"<\|(start|channel|constrain|message|end|return|call)\|>")
_HALF_MARK: Final = re.compile(r"<(?:\|[a-z]{0,9}\|?)?$")


class Channels:
    """Splits one answer with channels into text and reasoning."""

    def __init__(self) -> None:
        self._held = ""
        self._header = ""
        self._in_message = False

    def feed(self, text: str) -> list[Text | Reasoning]:
        """Read the next piece; return the events that are certain."""
        events: list[Text | Reasoning] = []
        self._held += text
        while mark := _MARK.search(self._held):
            events += self._take(self._held[: mark.start()])
            self._held = self._held[mark.end() :]
            if mark[1] == "channel":
                self._header = ""
            self._in_message = mark[1] == "message"
        half = _HALF_MARK.search(self._held[-12:])
        end = len(self._held) - (len(half[0]) if half else 0)
        events += self._take(self._held[:end])
        self._held = self._held[end:]
        return events

    def finish(self) -> list[Text | Reasoning]:
        """Return the text that was held back as a possible mark."""
        held, self._held = self._held, ""
        return self._take(held)

    def _take(self, text: str) -> list[Text | Reasoning]:
        if not self._in_message:
            self._header = (self._header + text)[: len(_ANSWER_CHANNEL)]
            return []
        if not text:
            return []
        return [Text(text) if self._header == _ANSWER_CHANNEL else Reasoning(text)]
