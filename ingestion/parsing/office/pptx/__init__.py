"""Presentations: `reader` reads slides from XML, `numbering` computes paragraph numbers."""
