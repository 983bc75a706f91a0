"""The terms of a chunk for keyword search: their IDs and BM25 weights, as stored in the index.

Pure functions. `language.words` splits text into terms; `chat.retrieval` weighs the terms of a
question by rarity.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Final

from pgvector import SparseVector

from language.tokens import count_tokens
from language.words import query_terms, terms

__all__ = [
    "MAX_TERMS",
    "TERM_SPACE",
    "document_weights",
    "query_terms",
    "sparse_vector",
    "term_id",
    "terms",
]

K1: Final = 1.2
B: Final = 0.75
# Fixed, so that a chunk's weights never change when others come or go; in tokens, so that a page of
# Chinese is as long as a page of English. From 180 to 400, nDCG@10 of thirteen of fourteen sets
# moved by less than 0.01.
AVERAGE_TOKENS: Final = 260
TERM_SPACE: Final = 2**29
MAX_TERMS: Final = 16_000  # pgvector's limit on the non-zero numbers of a sparsevec.


@lru_cache(maxsize=30_000)  # Most words of a document are repetitions.
def term_id(salt: int, term: str) -> int:
    """Return the ID of `term`, from 1 to TERM_SPACE, in the workspace with this salt.

    The salt lets the posting list of a common word grow with the workspace, not with the server.
    The workspace's ID as an integer is a good salt.
    """
    digest = blake2b(
        term.encode(errors="replace"), digest_size=8, salt=(salt % 2**128).to_bytes(16, "big")
    ).digest()
    return int.from_bytes(digest, "big") % TERM_SPACE + 1


def document_weights(
    text: str, *, salt: int, counted: Counter[str] | None = None
) -> dict[int, float]:
    """Return the BM25 weights of `text` by term ID, at most the MAX_TERMS most frequent ones.

    `counted` are the terms of `text`, if the caller has counted them.
    """
    norm = K1 * (1 - B + B * count_tokens(text) / AVERAGE_TOKENS)
    counted = terms(text) if counted is None else counted
    if len(counted) > MAX_TERMS:
        counted = Counter(dict(counted.most_common(MAX_TERMS)))
    weight = {count: count * (K1 + 1) / (count + norm) for count in {*counted.values()}}
    # Sorted, so that of two terms with one ID the heavier one counts.
    rising = sorted(counted.items(), key=itemgetter(1))
    return {term_id(salt, term): weight[count] for term, count in rising}


def sparse_vector(weights: Mapping[int, float]) -> SparseVector:
    """Return weights by term ID for pgvector, which counts from 0 in Python and from 1 in SQL."""
    return SparseVector({number - 1: weight for number, weight in weights.items()}, TERM_SPACE)
