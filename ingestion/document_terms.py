"""A document's side of document evidence: the terms of its whole text, and the terms that identify it.

Pure functions. Company, year and product of a long document stand in its file name, on its title
page and in the text as a whole, seldom in the passage that answers. How the terms join the scores
of passages is decided in chat/retrieval/document_evidence.py.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ingestion.lexical_terms import MAX_TERMS, term_id
from language.periods import Period, periods
from language.words import query_terms, terms

MAX_TITLE_PAGE_CHARACTERS: Final = 800
MAX_TITLE_PAGE_SHARE: Final = 0.25
"""The largest part of a document's text that counts as its title page."""
HALF_WEIGHT_DENSITY: Final = 0.0025
"""The share of a document's terms at which a term has half of the greatest weight, chosen on sec-10q."""
MIN_TEXT_TERMS: Final = 2_000
"""A shorter document is weighed as if it had so many terms, or each word of a note would weigh most."""
_SUFFIX: Final = re.compile(r"(?<=.)\.\w{1,8}$")
_CAPITALIZED_PARTS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# No word has this character, so no word has the term of a period.
_TERM_OF_PERIOD: Final = "\0{}"


def text_weights(counted: Counter[str], *, salt: int) -> dict[int, float]:
    """Return the weights, from 0 to 1, of the terms of a whole document by id.

    This is the document's side of BM25 with b = 1 and a large k1: a term counts by its density, since
    a long text has most words once. At most MAX_TERMS terms, those that occur most.
    """
    half = HALF_WEIGHT_DENSITY * max(counted.total(), MIN_TEXT_TERMS)
    if len(counted) > MAX_TERMS:
        counted = Counter(dict(counted.most_common(MAX_TERMS)))
    return {term_id(salt, term): count / (count + half) for term, count in counted.items()}


@dataclass(frozen=True, slots=True)
class Identity:
    """The texts that tell a document from others of its kind."""

    name: str
    title: str
    title_page: str

    def weights(self, *, salt: int) -> dict[int, float]:
        """Return the weights, all 1, of the terms and periods by id."""
        text = "\n".join(self._texts())
        return {term_id(salt, term): 1.0 for term in (*terms(text), *_period_terms(text))}

    def newest_period(self) -> int | None:
        """Return the last month of the newest period in the name, else the title, else the title page."""
        named = (periods(text) for text in self._texts())
        return next((max(period.end for period in found) for found in named if found), None)

    def _texts(self) -> tuple[str, str, str]:
        return _name_text(self.name), self.title, self.title_page


def title_page(chunks: Iterable[str], length: int) -> str:
    """Return the title page of a document of `length` characters whose chunks have these texts."""
    limit = min(MAX_TITLE_PAGE_CHARACTERS, int(MAX_TITLE_PAGE_SHARE * length))
    beginning = ""
    for text in chunks:
        beginning += f"{text}\n"
        if len(beginning) >= limit:
            break
    return beginning[:limit]


def identity_query(question: str) -> Counter[str]:
    """Count the terms of a question that may identify a document."""
    return query_terms(question) + Counter(_period_terms(question))


def _name_text(name: str) -> str:
    """Return a path as text, followed by the words that capitals divide, as in AnnualReport."""
    stem = _SUFFIX.sub("", name).replace("_", " ")
    return " ".join((stem, *_CAPITALIZED_PARTS.findall(stem)))


def _period_terms(text: str) -> Iterable[str]:
    """Yield the periods in `text`, and the year of each, as terms."""
    for period in periods(text):
        yield _TERM_OF_PERIOD.format(period.term)
        yield _TERM_OF_PERIOD.format(Period(period.year).term)
