"""What the models of the fakes think, say, embed and rank: little, but always the same to the same, and from what they
were given.
"""

import hashlib
import math
import re
from collections.abc import Sequence
from typing import Any

DIMENSIONS = 64
_LONGEST_ECHO = 600
THOUGHTS = "Let me look at the passages. The question is about one of them, so I quote it."
_PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]?")
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
_PIECE = re.compile(r"\s*(?:[A-Za-z0-9]{1,6}|[^A-Za-z0-9\s])|\s+")
_LABEL = re.compile(r"^\w+(?:: |：)")
_HAN = re.compile(r"[\u3400-\u9fff]")


def reply(messages: Sequence[dict[str, Any]]) -> str:
    """Return an answer: the fitting sentences of the two best passages, each cited by number."""
    asked = str(messages[-1]["content"]) if messages else ""
    if "<conversation>" in asked:
        return _standing_alone(asked)
    question = asked.rpartition("</passages>")[2].strip()[:_LONGEST_ECHO]
    passages = _PASSAGE.findall(asked)
    if not passages:
        return f"You asked: {question}" if not _HAN.search(question) else f"你问的是：{question}"
    found = sorted(
        ((_best(text, question), number) for number, text in passages),
        key=lambda found: -found[0][0],
    )
    return " ".join(f"{sentence} [{number}]" for (_score, sentence), number in found[:2])


def _standing_alone(asked: str) -> str:
    """Return the last line, the question, with what was asked before it, if there is anything."""
    said, _tag, question = asked.partition("</conversation>")
    lines = said.partition("<conversation>")[2].strip().splitlines()
    return " ".join(_LABEL.sub("", line.strip()) for line in (*lines[-2:-1], question))


def _best(text: str, question: str) -> tuple[float, str]:
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(text) if sentence.strip()]
    return max(
        ((overlap(question, sentence), sentence) for sentence in sentences),
        default=(0.0, text.strip()),
    )


def pieces(text: str) -> list[str]:
    """Return a text in pieces as small as tokens."""
    return _PIECE.findall(text)


def tokens(text: str) -> int:
    """Return the number of pieces."""
    return len(pieces(text))


def embed(text: str) -> list[float]:
    """Return a hashed bag of words, not of length 1."""
    vector = [0.0] * DIMENSIONS
    for word in _WORD.findall(text.lower()) or ["nothing"]:
        digest = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")
        vector[digest % DIMENSIONS] += 1.0
    return vector


def overlap(query: str, text: str) -> float:
    """Return which part of the words of `query` are in `text`, a little less for longer texts."""
    wanted = set(_WORD.findall(query.lower()))
    words = _WORD.findall(text.lower())
    return len(wanted & set(words)) / (len(wanted) or 1) / math.log2(len(words) + 4)
