"""Conversations, the retrieval behind them, and answers with their citations."""
