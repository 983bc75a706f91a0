"""Stands in for `unstructured.nlp.tokenize`, which loads spaCy and downloads a model for it from the web.

Unstructured asks these to guess whether a line is prose. The readers here go by what the document says of itself
(styles, tags), so the plainest answers do, in every language; and with this module in place there is no spaCy to load
(2 s, 40 MB) and no code that could download anything.
"""

import re

SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
WORD = re.compile(r"\w+|[^\w\s]")


def sent_tokenize(text: str) -> list[str]:
    """The sentences of `text`."""
    return [sentence for sentence in SENTENCE_END.split(text) if sentence]


def word_tokenize(text: str) -> list[str]:
    """The words and signs of `text`."""
    return WORD.findall(text)


def pos_tag(text: str) -> list[tuple[str, str]]:
    """The words of `text`, none of them classed: nothing here knows grammar."""
    return [(word, "") for word in word_tokenize(text)]
