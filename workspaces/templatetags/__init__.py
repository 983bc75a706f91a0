"""Template tags about workspaces."""
