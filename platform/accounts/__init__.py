"""People: users, groups, signing in and API tokens. What they may see is decided in `workspaces`."""
