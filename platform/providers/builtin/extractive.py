"""builtin/extractive: quotes the best sentences of the passages, each with its citation.

It uses the question and the passages of a request, not the composed messages. `sentence_ranking`
chooses the sentences.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final

from providers.builtin.sentence_ranking import best_sentences
from providers.protocols import ChatEvent, ChatRequest, Done, Text

_PIECE: Final = re.compile(r"\S{1,12}\s*|\s+")
# Characters that Markdown would interpret at their place, and brackets that would look like a
# citation. Markdown ignores a star between blanks and an underscore within a word, so 3 * 4 and
# MAX_TOKENS are unchanged.
_MARKUP: Final = re.compile(
    r"(?<!\s)\*|\*(?!\s)|(?<![^\W_])_|_(?![^\W_])|`|~(?=~)|(?<=~)~|\\(?=[!-/:-@\[-`{-~])|&(?=#?\w{1,32};)"
    r"|<(?=[A-Za-z][A-Za-z0-9+.-]{1,31}:|[^\s<>@]{1,64}@)|[\[【](?=\s{0,9}\^?\d)|\[(?=[^\]]{0,200}\][(\[:])"
    r"|^(?:#(?=#{0,5}(?:\s|$))|>)|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s)|(?<=^\d\d\d)[.)](?=\s)"
)
_BULLET: Final = re.compile(r"^(?:[-*+•·▪◦–—]\s++)++")
# By the language of the question, which may differ from that of the interface.
_NO_ANSWER: Final = {
    "en": "The passages found in the documents say nothing about this.",
    "zh-hans": "在文档中找到的段落没有谈到这个问题。",
}


class Extractive:
    """A chat model that only quotes passages."""

    id: Final = "builtin/extractive"
    context_tokens: Final = None
    takes_system_prompt: Final = True

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatEvent]:
        """Stream the best sentences with citations, or a sentence that there are none."""
        quoted = await asyncio.to_thread(best_sentences, request.question, request.passages)
        sentences = [f"{_as_prose(quote.text)} [{quote.n}]" for quote in quoted]
        answer = (
            sentences[0]
            if len(sentences) == 1
            else "\n".join(f"- {sentence}" for sentence in sentences)
        )
        for piece in _PIECE.findall(answer or _NO_ANSWER.get(request.language, _NO_ANSWER["en"])):
            yield Text(piece)
            await asyncio.sleep(0)  # Lets the event loop run other tasks, such as a stop.
        yield Done()


def _as_prose(text: str) -> str:
    """Return a quotation on one line, without its bullet and with Markdown escaped."""
    return _MARKUP.sub(r"\\\g<0>", _BULLET.sub("", " ".join(text.split())))
