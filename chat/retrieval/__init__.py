"""Search, the only door to the index: chat, search page, API, command line and evaluation all come in here.

Main line: `search()` in hybrid_search.py: legs → fusion → rows → reranking → selection. The SQL of each leg decides
who may see what. Depth of search does not depend on how many hits are wanted.

dense            chunks whose vectors lie near the query's
diversify        selection: no passage twice, not all of one document
fusion           joins the legs into one ranking
hybrid_search    one search, from the query to the hits
lexical          BM25 inside PostgreSQL
reranking        a second look at the best candidates by a model
results          hits and modes, plain values
term_statistics  how rare terms are in a workspace
tracing          times and counts of the stages
"""

from chat.retrieval.diversify import Selection
from chat.retrieval.hybrid_search import MOST_HITS, search, search_for_prompt
from chat.retrieval.reranking import Rerank
from chat.retrieval.results import Hit, Mode, SearchResult

__all__ = ["MOST_HITS", "Hit", "Mode", "Rerank", "SearchResult", "Selection", "search", "search_for_prompt"]
