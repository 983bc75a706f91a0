"""The only door to the index: chat, search page, API, command line and evaluation all come in here.

Who may see what is decided in the SQL of both legs. Depth of search does not depend on how many hits are wanted.
"""

from chat.retrieval.reranking import Rerank
from chat.retrieval.results import Hit, Mode, SearchResult
from chat.retrieval.searching import MOST_HITS, search, search_for_prompt
from chat.retrieval.selection import Selection

__all__ = ["MOST_HITS", "Hit", "Mode", "Rerank", "SearchResult", "Selection", "search", "search_for_prompt"]
