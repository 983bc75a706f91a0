"""Search, the only access to the index, for chat, search page, API, command line and evaluation.

Main line: `search()` in hybrid_search.py: legs → fusion → document evidence → rows → reranking →
selection. The SQL of each leg decides who may see what. Depth of search does not depend on how many hits are wanted.

dense            the dense leg: chunks whose vectors are nearest to the query's
diversify        selection: no text twice, not all hits of one document
document_evidence  adds the scores of whole documents to those of their chunks
fusion           fuses the rankings of the legs into one
hybrid_search    `LEGS`, and one search from the query to the hits
legs             protocol of a leg: its request and its ranking
lexical          the lexical leg: BM25 inside PostgreSQL
reranking        scores of a reranking model for the best candidates
results          hits, plain values
term_statistics  how rare terms are in a workspace
tracing          times and counts of a search
"""

from chat.retrieval.diversify import Selection
from chat.retrieval.hybrid_search import LEGS, MAX_HITS, search, search_for_prompt
from chat.retrieval.reranking import Rerank
from chat.retrieval.results import Hit, Mode, SearchResult

__all__ = [
    "LEGS",
    "MAX_HITS",
    "Hit",
    "Mode",
    "Rerank",
    "SearchResult",
    "Selection",
    "search",
    "search_for_prompt",
]
