"""From bytes to an index: documents, their chunks, and the work that makes one from the other."""
