"""Families of embedding models by name: prefixes of texts, and the weight for other scripts.

The prefixes are those of the model cards of intfloat/multilingual-e5 and e5-*-instruct,
nomic-ai/nomic-embed-text, mixedbread-ai/mxbai-embed-large, BAAI/bge-*-v1.5 (bge-m3 has none),
Snowflake/snowflake-arctic-embed, Qwen/Qwen3-Embedding and google/embeddinggemma. `client` has the
measurements of the weights.
"""

import re
from dataclasses import dataclass
from typing import Final

_SEARCH_PREFIX: Final = "Represent this sentence for searching relevant passages: "
_WEB_SEARCH_TASK: Final = (
    "Given a web search query, retrieve relevant passages that answer the query"
)


@dataclass(frozen=True, slots=True)
class Family:
    """The prefixes of queries and documents, and the weight of vectors for non-Latin queries."""

    query: str = ""
    document: str = ""
    other_script_weight: float = 0.5


_ENGLISH_ONLY_WEIGHT: Final = 0.03
_UNKNOWN_FAMILY_WEIGHT: Final = 0.25
# The first matching pattern applies.
_FAMILIES: Final = [
    (re.compile(r"qwen3-embedding"), Family(f"Instruct: {_WEB_SEARCH_TASK}\nQuery:")),
    (
        re.compile(r"e5-.{0,80}instruct|e5-mistral"),
        Family(f"Instruct: {_WEB_SEARCH_TASK}\nQuery: "),
    ),
    (re.compile(r"multilingual-e5"), Family("query: ", "passage: ")),
    (re.compile(r"(?:^|[/-])e5-"), Family("query: ", "passage: ", _ENGLISH_ONLY_WEIGHT)),
    (re.compile(r"nomic-embed-text-?v2"), Family("search_query: ", "search_document: ")),
    (
        re.compile(r"nomic-embed-text"),
        Family("search_query: ", "search_document: ", _ENGLISH_ONLY_WEIGHT),
    ),
    (
        re.compile(r"embeddinggemma"),
        Family("task: search result | query: ", "title: none | text: "),
    ),
    (re.compile(r"bge-m3|bge-multilingual"), Family()),
    (re.compile(r"bge-.{0,80}zh"), Family("为这个句子生成表示以用于检索相关文章：")),
    (
        re.compile(r"(?:^|[/-])bge-"),
        Family(_SEARCH_PREFIX, other_script_weight=_ENGLISH_ONLY_WEIGHT),
    ),
    (re.compile(r"arctic-embed2|arctic-embed-.{0,80}v2"), Family("query: ")),
    (
        re.compile(r"mxbai-embed|arctic-embed"),
        Family(_SEARCH_PREFIX, other_script_weight=_ENGLISH_ONLY_WEIGHT),
    ),
    (
        re.compile(
            r"multilingual|[-_]zh\b|text-embedding|jina-embeddings-v[34]|gte-qwen|bce-embedding|conan|labse"
        ),
        Family(),
    ),
    (
        re.compile(r"minilm|mpnet|[-_]en\b|granite-embedding|gtr-t5|sentence-t5|\bgte-"),
        Family(other_script_weight=_ENGLISH_ONLY_WEIGHT),
    ),
]


def family_of(name: str) -> Family:
    """Return the family of a model by its name."""
    name = name.lower()
    return next(
        (family for pattern, family in _FAMILIES if pattern.search(name)),
        Family(other_script_weight=_UNKNOWN_FAMILY_WEIGHT),
    )
