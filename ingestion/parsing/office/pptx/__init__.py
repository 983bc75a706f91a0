"""Presentations: `reader` reads slides from the XML inside, `numbering` gives the numbers of their paragraphs."""
