"""Questions that lean on what was said before, and what is searched for in their place. Rules alone: no model, no rows.

By rule earlier questions come along with less weight, which gained 0.10 in nDCG@10 where appending the one before
gained 0.07 (see tests/bench/README.md). A model may write a better question: see `answering.rewriting`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from language.scripts import unspaced_share
from language.words import query_terms

How = Literal["", "rule", "model"]
# Earlier questions that come along; one is not enough where it leans on another itself.
_MOST_EARLIER: Final = 2
LONGEST_EARLIER: Final = 300
# Words that carry a question, Chinese characters two to a word; with so few it is about what was said before.
_FEW_WORDS: Final = 3
_POINTS_BACK: Final = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|he|him|his|she|her|hers|there|ones?|such|same|both"
    r"|an?other|others?|else|former|latter|above|previous)\b"
    r"|[它她]|(?<![其吉])他|[这這那其](?!实|實|余|餘)|(?<!应|應)[该該](?!不)|此(?!外)|上述|前者|后者|後者|两者|兩者|刚才|剛才"
    r"|^\W*(?:and|or|but|so|then|also|(?:what|how) about|why|what if|ok(?:ay)?|yes|no|oops|i mean)\b"
    r"|^\W*(?:还有|還有|另外|然后|然後|为什么|為什麼|为何|怎么会|所以|但是?|如果)"
    r"|呢\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Standalone:
    """What is searched for: `question`, and with less weight each further back what was asked before it."""

    question: str
    earlier: tuple[str, ...] = ()
    how: How = ""

    @property
    def text(self) -> str:
        """What people are shown of it."""
        if not self.earlier:
            return self.question
        wide = unspaced_share(self.question + self.earlier[0]) > 0.5
        before, after, between = ("（", "）", "；") if wide else (" (", ")", "; ")
        return self.question + before + between.join(self.earlier) + after


def leans(question: str) -> bool:
    """Tell whether `question` is likely to need what was said before it: it points back, or hardly says anything."""
    return bool(_POINTS_BACK.search(question)) or _words_in(question) <= _FEW_WORDS


def by_rule(question: str, asked_before: Sequence[str]) -> Standalone:
    """Take earlier questions along, the newest first, up to one that needed none itself."""
    if not leans(question):
        return Standalone(question)
    earlier: list[str] = []
    for text in reversed(asked_before[-_MOST_EARLIER:]):
        earlier.append(_clipped(text))
        if not leans(text):
            break
    return Standalone(question, tuple(earlier), "rule" if earlier else "")


def _words_in(question: str) -> float:
    return sum(_weight(term) for term in query_terms(question))


def _weight(term: str) -> float:
    """Return half a word for a Chinese character, nothing for a pair of them, since both of it are counted."""
    if unspaced_share(term) == 0:
        return 1.0
    return 0.5 if len(term) == 1 else 0.0


def _clipped(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_EARLIER else line[:LONGEST_EARLIER].rstrip() + "…"
