"""How good a ranking is: measures over ranked names and what was judged right. Pure functions, no search in here."""

from chat.evaluation.metrics import ndcg, recall, reciprocal_rank

__all__ = ["ndcg", "recall", "reciprocal_rank"]
