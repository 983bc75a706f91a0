"""Template tags about documents."""
