"""How good a ranking is. Pure functions: `metrics` compares ranked names with judged ones."""

from chat.evaluation.metrics import ndcg, recall, reciprocal_rank

__all__ = ["ndcg", "recall", "reciprocal_rank"]
