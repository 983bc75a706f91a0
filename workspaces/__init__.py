"""Workspaces and their members: who may see what."""
