"""Template tags about conversations and search."""
